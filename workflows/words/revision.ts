/**
 * A form that comes back: which answers the client may change, and what has become of them. What was not asked for stays
 * as it was accepted unless the client asks to change it, and whoever reviews the form is shown every change.
 */
import { z } from 'zod';
import type { FieldError } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { labelOf } from '../../kernel/labels.ts';

type Data = Record<string, unknown>;

/** One answer that is not what it was in the version before; `at` is a JSON Pointer, `field` the answer it belongs to. */
interface FormChange {
  at: string;
  field: string;
  before?: unknown;
  after?: unknown;
}

/** `asked` were to be changed, `opened` the client wanted to change besides. Where nothing was named, everything may be. */
export interface Revision {
  asked: string[];
  opened: string[];
  changes: FormChange[];
}

/** What a link or a stage knows of the version before. */
export interface Returned {
  data?: Data | undefined;
  flags?: readonly { field: string }[] | undefined;
}

/** The answers that stay as they are, by their names in the form. */
export function closedFields(exit: z.ZodType | undefined, { data, flags = [] }: Returned, opened: readonly string[]) {
  if (!data || flags.length === 0) return [];
  const known = exit instanceof z.ZodObject ? Object.keys(exit.shape) : Object.keys(data);
  return known.filter((field) => !opened.includes(field) && !flags.some((flag) => flag.field === field));
}

/** Nothing where no closed answer differs from the version before. */
export function closedChanges(closed: readonly string[], before: Data, after: Data): FieldError[] {
  return changesIn(before, after)
    .filter(({ field }) => closed.includes(field))
    .map(({ at }) => ({
      pointer: at,
      rule: 'read_only',
      message: 'Leave this as it was, or ask to change it: nobody asked for another answer.',
    }));
}

/** What is new in this version; undefined where it is the first. */
export function revisionOf(
  { data: before, flags = [] }: Returned,
  after: Data,
  opened: readonly string[],
): Revision | undefined {
  if (!before) return undefined;
  return { asked: flags.map(({ field }) => field), opened: [...opened], changes: changesIn(before, after) };
}

/** For whoever reviews it: what was changed, what of it nobody had asked for, and what was left in spite of being asked. */
export function revisionInWords({ asked, changes }: Revision): string {
  const changed = [...new Set(changes.map(({ field }) => field))];
  const wanted = changed.filter((field) => asked.length === 0 || asked.includes(field));
  const others = changed.filter((field) => !wanted.includes(field));
  const left = asked.filter((field) => !changed.includes(field));
  return [
    ...(changed.length === 0 ? ['Nothing was changed.'] : []),
    ...(wanted.length > 0 ? [`Changed: ${labels(wanted)}.`] : []),
    ...(others.length > 0 ? [`Changed without being asked: ${labels(others)}.`] : []),
    ...(left.length > 0 ? [`Asked for and not changed: ${labels(left)}.`] : []),
  ].join(' ');
}

const labels = (fields: readonly string[]): string => fields.map(labelOf).join(', ');

/** Objects are looked into, so that one part of an address is one change; lists are compared as a whole. */
function changesIn(before: Data, after: Data, under = '', top?: string): FormChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key): FormChange[] => {
    const [was, is] = [before[key], after[key]];
    const at = `${under}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const field = top ?? key;
    if (isObject(was) && isObject(is)) return changesIn(was, is, at, field);
    if (isSame(was, is)) return [];
    return [{ at, field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (one !== undefined && other !== undefined && hashOf(one) === hashOf(other));
