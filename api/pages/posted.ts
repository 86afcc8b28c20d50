/**
 * A posted form as a tree of its controls: `nap.address.0` is `nap`, `address`, `0`. Whoever posts decides the names, so
 * they have a budget before anything walks them, and everything here is linear in what was sent. A line break is one
 * character from here on, however the browser wrote it.
 */
import { clip } from '../../kernel/clip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { oneBreak } from '../../workflows/validators/text.ts';

/** More than the largest form has with all its rows. */
export const mostControls = 4_000;
const mostParts = 8;
const longestName = 200;

export interface Control {
  text?: string;
  used?: boolean;
  parts: Map<string, Control>;
}

/** Also gives the names that no form can have, because they are too long or too deep. */
export function treeOf(posted: Record<string, unknown>): { tree: Control; strange: string[] } {
  const names = Object.keys(posted);
  if (names.length > mostControls) throw tooMany(names.length);
  const tree: Control = { parts: new Map() };
  const strange: string[] = [];
  for (const name of names) {
    const path = name.length > longestName ? [] : name.split('.', mostParts + 1);
    if (path.length === 0 || path.length > mostParts) strange.push(clip(name, longestName));
    else place(tree, path).text = oneBreak(textOf(posted[name]));
  }
  return { tree, strange };
}

function place(tree: Control, path: string[]): Control {
  let at = tree;
  for (const part of path) {
    const next = at.parts.get(part) ?? { parts: new Map() };
    at.parts.set(part, next);
    at = next;
  }
  return at;
}

/** The names of what was sent and read by nobody, at most `limit`. */
export function unread(control: Control, limit: number, name = ''): string[] {
  const own = control.text !== undefined && !control.used && name !== '' ? [name] : [];
  const found = own;
  for (const [part, inner] of control.parts) {
    if (found.length >= limit) break;
    found.push(...unread(inner, limit - found.length, name === '' ? part : `${name}.${part}`));
  }
  return found;
}

/** The rows of a repeatable group, in the order of their numbers; a row that was taken out leaves a gap, no hole. */
export function rowsIn(control: Control | undefined): Control[] {
  const numbered = [...(control?.parts ?? [])].filter(([part]) => /^\d{1,5}$/.test(part));
  return numbered.sort(([one], [other]) => Number(one) - Number(other)).map(([, row]) => row);
}

const textOf = (value: unknown): string => (Array.isArray(value) ? String(value.at(-1)) : String(value));

function tooMany(count: number): Refusal {
  const message = `The form was sent with ${count} fields; it can have ${mostControls}. Please send it from its own page.`;
  return new Refusal('payload_too_large', message, [{ pointer: '', rule: 'too_many', message }]);
}
