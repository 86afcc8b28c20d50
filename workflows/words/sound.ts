/**
 * What any data from outside must be before a rule, a hash or the database meets it, the same over HTTP, from the intake
 * and from vendors: not too deep, not too many, whole Unicode text without NUL, and numbers that are numbers. It walks
 * with a stack of its own, since depth is what it guards against, and ends at the first flaw.
 */
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { pointerTo } from './field-errors.ts';

export interface Budget {
  /** Levels of objects and lists. */
  depth: number;
  /** Values, at all levels together. */
  values: number;
  /** UTF-16 units of text and names, together. */
  characters: number;
}

export const usualBudget: Budget = { depth: 32, values: 10_000, characters: 262_144 };

/** Throws `invalid_request` with the pointer and rule of the first flaw. `under` is the pointer of `value` itself. */
export function requireSound(value: unknown, under = '', budget: Partial<Budget> = {}): void {
  const flaw = flawIn(value, { ...usualBudget, ...budget });
  if (!flaw) return;
  const error = { ...flaw, pointer: under + flaw.pointer };
  throw new Refusal('invalid_request', `${error.pointer || 'The data'}: ${error.message}`, [error]);
}

interface Place {
  value: unknown;
  name: string;
  above: Place | undefined;
  depth: number;
}

function flawIn(whole: unknown, budget: Budget): FieldError | undefined {
  const left: Place[] = [{ value: whole, name: '', above: undefined, depth: 0 }];
  const spent = { values: 0, characters: 0 };
  for (let place = left.pop(); place; place = left.pop()) {
    const { value, depth } = place;
    const flaw = flawOf(place, spent, budget);
    if (flaw) return { pointer: pointerOf(place), ...flaw };
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    const names = Object.keys(value);
    spent.values += names.length;
    if (spent.values > budget.values) return { pointer: pointerOf(place), ...tooMany(budget) };
    // Backwards, so that the first flaw is the first that a reader meets.
    for (const name of names.reverse()) {
      left.push({ value: (value as Record<string, unknown>)[name], name, above: place, depth: depth + 1 });
    }
  }
  return undefined;
}

type Flaw = Omit<FieldError, 'pointer'>;

function flawOf({ value, name, depth }: Place, spent: { characters: number }, budget: Budget): Flaw | undefined {
  if (name === '__proto__' || (name === 'constructor' && hasPrototype(value))) {
    return { rule: 'unknown_field', message: 'Unknown field. Remove it.' };
  }
  spent.characters += name.length + (typeof value === 'string' ? value.length : 0);
  if (spent.characters > budget.characters) {
    return { rule: 'too_big', message: `Send at most ${budget.characters} characters.` };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { rule: 'not_finite', message: 'Send a number from -1.7e308 to 1.7e308.' };
  }
  if (typeof value === 'object' && value !== null && depth >= budget.depth) {
    return { rule: 'too_deep', message: `Nest objects and lists at most ${budget.depth} levels deep.` };
  }
  return flawOfText(name) ?? (typeof value === 'string' ? flawOfText(value) : undefined);
}

function flawOfText(text: string): Flaw | undefined {
  if (text.includes('\0')) return { rule: 'nul_character', message: 'Remove the NUL character (U+0000).' };
  if (/\p{Surrogate}/u.test(text)) {
    return { rule: 'not_unicode', message: 'Send whole Unicode characters: half of a surrogate pair stands alone.' };
  }
  return undefined;
}

const tooMany = ({ values }: Budget): Flaw => ({ rule: 'too_many', message: `Send at most ${values} values.` });

const hasPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');

/** A name that is no whole text is shown with U+FFFD in its place. */
function pointerOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | undefined = place; at?.above; at = at.above) names.unshift(at.name);
  return pointerTo(names).replace(/[\p{Surrogate}\0]/gu, '\ufffd');
}
