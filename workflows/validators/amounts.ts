/**
 * Amounts as people write them: `1,500.00`, `1.500,00`, `1 500,50`, `1’500`, `1,50,000`. Where a lone separator could
 * group or divide, the account's locale decides; where it says one thing and the digits another, the amount is unclear
 * and has to be asked back. Anything else is no amount, and nothing is left out to make it one.
 */
import { plainDigits } from './digits.ts';
import { digitsOf } from './money.ts';

export interface Writing {
  /** BCP 47, such as de-DE. */
  locale: string;
  /** ISO 4217; decides how many decimals there can be. */
  currency?: string | undefined;
}

/** `minor` in minor units. `unclear`: what was probably meant, which does not count before it is confirmed. */
export type Amount = { minor: number; unclear: boolean };

export function readAmount(text: string, { locale, currency }: Writing): Amount | undefined {
  if (text.length > 60) return undefined;
  const bare = withoutCurrency(plain(text), currency);
  const read = bare === undefined ? undefined : numberIn(bare, separatorsOf(locale), digitsOf(currency));
  const minor = read && Number(read.whole + read.fraction.padEnd(digitsOf(currency), '0'));
  return read && Number.isSafeInteger(minor) ? { minor: Number(minor), unclear: read.unclear } : undefined;
}

/** A stored amount as its reader would write it, without grouping: `1500,00` in German. */
export function writeAmount(minor: number, { locale, currency }: Writing): string {
  const digits = digitsOf(currency);
  const { decimal } = separatorsOf(locale);
  const all = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = all.slice(0, all.length - digits);
  return `${minor < 0 ? '-' : ''}${whole}${digits > 0 ? decimal + all.slice(all.length - digits) : ''}`;
}

/** An amount as it is asked back: `1,500.00 EUR`. */
export function sayAmount(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${format.format(minor / 10 ** digits)} ${currency}`;
}

/** A number that is no money, such as kilometres; undefined when it is none, or could be two. */
export function readNumber(text: string, locale: string): number | undefined {
  if (text.length > 60) return undefined;
  const [, sign = '', whole = '', mark = '', fraction = ''] =
    /^([-\u2212]?)(\d{1,15})(?:([.,])(\d{1,12}))?$/.exec(plain(text)) ?? [];
  if (whole === '') return undefined;
  const couldGroup = fraction.length === 3 && whole.length <= 3 && whole !== '0';
  if (mark === ',' && couldGroup && separatorsOf(locale).decimal !== ',') return undefined;
  return Number(`${sign && '-'}${whole}${fraction && `.${fraction}`}`);
}

/** The locale that numbers of a country are written in: `de-DE` of `DE`. */
export function localeOfCountry(country: string): string {
  try {
    return `${new Intl.Locale(`und-${country}`).maximize().language}-${country}`;
  } catch {
    return 'en-US';
  }
}

export function isLocale(text: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(text).length > 0;
  } catch {
    return false;
  }
}

function separatorsOf(locale: string): { decimal: string; group: string } {
  const parts = new Intl.NumberFormat([locale, 'en-US'], { numberingSystem: 'latn' }).formatToParts(1_234_567.5);
  const partOf = (type: string) => plain(parts.find((part) => part.type === type)?.value ?? '');
  return { decimal: partOf('decimal') || '.', group: partOf('group') };
}

/** Digits of every script as 0-9, every kind of blank as one, every apostrophe as the plain one. */
function plain(text: string): string {
  return plainDigits(text.normalize('NFKC'))
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/[\s\u00a0\u202f\u2009]+/g, ' ')
    .replace(/[’ʼ´`]/g, "'")
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', "'")
    .trim();
}

/** Without the sign or code of its own currency; undefined when another thing stands beside the number. */
function withoutCurrency(text: string, currency: string | undefined): string | undefined {
  const [, before = '', number, after = ''] = /^([^\d]*?)\s*(\d(?:[\d ,.']*\d)?)\s*([^\d]*)$/.exec(text) ?? [];
  const tail = after.replace(/^[.,](?:-|\u2013|\u2014)/, '').trim();
  const isOwn = (said: string) =>
    said === '' || (currency !== undefined && signsOf(currency).includes(said.toUpperCase()));
  return isOwn(before.trim()) && isOwn(tail) ? number : undefined;
}

function signsOf(currency: string): string[] {
  const sign = (currencyDisplay: 'symbol' | 'narrowSymbol') => {
    try {
      const parts = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay }).formatToParts(1);
      return parts.find(({ type }) => type === 'currency')?.value.toUpperCase() ?? '';
    } catch {
      return '';
    }
  };
  return [currency, sign('symbol'), sign('narrowSymbol')].filter((said) => said !== '');
}

interface Read {
  whole: string;
  fraction: string;
  unclear: boolean;
}

function numberIn(
  text: string,
  { decimal, group }: { decimal: string; group: string },
  digits: number,
): Read | undefined {
  const marks = [...new Set(text.replace(/\d/g, ''))];
  const clear = (whole: string | undefined, fraction = ''): Read | undefined => {
    const cut = fraction.slice(digits);
    return whole === undefined || /[1-9]/.test(cut) || (cut !== '' && digits > 0)
      ? undefined
      : { whole, fraction: fraction.slice(0, digits), unclear: false };
  };
  if (marks.length === 0) return clear(text);
  const last = marks.at(-1) ?? '';
  const [head = '', tail = '', ...more] = text.split(last);
  if (marks.length === 2) return more.length > 0 || !/[.,]/.test(last) ? undefined : clear(ungrouped(head), tail);
  if (marks.length > 2) return undefined;
  if (more.length > 0 || !/[.,]/.test(last)) return clear(ungrouped(text));
  if (tail.length !== 3 || ungrouped(text) === undefined) return clear(head, tail);
  if (last === decimal) return digits >= 3 ? clear(head, tail) : unclear(head + tail);
  return last === group ? clear(head + tail) : unclear(head + tail);
}

const unclear = (whole: string): Read => ({ whole, fraction: '', unclear: true });

/** The digits of a number whose groups are complete, by thousands or as in India; undefined when they are not. */
function ungrouped(text: string): string | undefined {
  const isGrouped =
    /^\d+$|^[1-9]\d{0,2}(?:([ ,.'])\d{3})(?:\1\d{3})*$|^[1-9]\d?(?:([ ,.'])\d{2})(?:\2\d{2})*\2\d{3}$/.test(text);
  return isGrouped ? text.replace(/\D/g, '') : undefined;
}
