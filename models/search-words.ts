/**
 * By what an order is found: everything people hold of it (its number in emails, title, client, tags, references, and the
 * addresses and telephone numbers in the answers of its stages), folded, beside the state in one indexed list.
 */

import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { clip } from '../kernel/clip.ts';
import { fold, searchWords, sortKey } from '../kernel/fold.ts';
import type { OrderState } from '../workflows/words/state.ts';

/** An order with the longest answers still has a small index. */
const mostWords = 300;
const mostValues = 2_000;
const longestValue = 254;

/** The end of an order's id, as emails show it. */
const shortNumber = (id: string): string => id.slice(-7).toLowerCase();

/** The fields of an order that its state derives, for lists. */
export const listedAs = (id: string, state: OrderState): { search: string[]; sortTitle: string } => ({
  search: searchWordsOf(id, state),
  sortTitle: sortKey(state.title),
});

function searchWordsOf(id: string, state: OrderState): string[] {
  const { title, client, tags = [], reference, stages } = state;
  const told = [title, client.name, client.email, ...tags, ...(reference ? [reference] : [])];
  const exact = [
    id.toLowerCase(),
    shortNumber(id),
    clip(fold(title.trim()), 120),
    ...(reference ? [fold(reference)] : []),
  ];
  const answers = textsIn(stages.map(({ data }) => data)).flatMap(wordsOfAnswer);
  return [...new Set([...exact, ...told.flatMap(searchWords), ...answers])].slice(0, mostWords);
}

/** Of an answer only what people look orders up by: telephone numbers, email addresses, domains. */
function wordsOfAnswer(text: string): string[] {
  if (/^\+\d[\d\s().;/extEXT-]{5,40}$/.test(text)) return phoneWords(text);
  const address = /^[^\s@]{1,64}@([^\s@]{1,190}\.[^\s@]{2,})$/.exec(text);
  if (address) return [fold(text), ...hostWords(address[1] ?? '')];
  const host = /^(?:https?:\/\/)?([^\s/:?#@]+\.[^\s/:?#@.]{2,})(?:[/:?#]|$)/i.exec(text)?.[1];
  return host === undefined ? [] : hostWords(host);
}

function hostWords(host: string): string[] {
  const whole = fold(host);
  return [...new Set([whole, whole.replace(/^www\./, '')])];
}

/** As it is dialled from abroad and at home; whoever asks may leave out either beginning. */
function phoneWords(text: string): string[] {
  const parsed = parsePhoneNumberFromString(text);
  if (!parsed) return [text.replace(/\D/g, '')];
  const national = parsed.formatNational().replace(/\D/g, '');
  return [...new Set([parsed.number.slice(1), parsed.nationalNumber, national])];
}

function textsIn(values: unknown[]): string[] {
  const texts: string[] = [];
  const waiting = [...values];
  for (let seen = 0; waiting.length > 0 && seen < mostValues; seen += 1) {
    const value = waiting.pop();
    if (typeof value === 'string') {
      if (value.length <= longestValue) texts.push(value);
    } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      for (const inside of Object.values(value)) waiting.push(inside);
    }
  }
  return texts;
}
