/**
 * What is said of a value that does not pass, where the schema has no words of its own: one sentence for each rule, which
 * says what would pass. The words of the schema library never reach anybody.
 */
import type { z } from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];
type Say<Code extends z.core.$ZodIssue['code']> = (issue: Extract<RawIssue, { code: Code }>) => string;

/** Given to `safeParse`, so that every issue is worded by the table. */
export const inOurWords: z.core.ParseContext<z.core.$ZodIssue> = {
  reportInput: true,
  error: (issue) => sentenceFor(issue),
};

const mostNamed = 30;

/** `one of a, b, c`, for messages that say what would pass. Of a long list, how many more there are. */
export function oneOf(values: readonly unknown[]): string {
  if (values.length === 1) return String(values[0]);
  const more = values.length - mostNamed;
  return `one of ${values.slice(0, mostNamed).map(String).join(', ')}${more > 0 ? `, or of ${more} others` : ''}`;
}

/** The sentence of an issue that was not worded by the table when it was found. */
export const wordsOf = (issue: z.core.$ZodIssue): string =>
  /^(Invalid|Too (big|small)|Unrecognized)/.test(issue.message) ? sentenceFor(issue as RawIssue) : issue.message;

function sentenceFor(issue: RawIssue): string {
  const say = sentences[issue.code as z.core.$ZodIssue['code']] as ((issue: RawIssue) => string) | undefined;
  return say?.(issue) ?? 'Enter a valid value.';
}

const kinds: Record<string, string> = {
  number: 'a number such as 12.5',
  int: 'a whole number such as 12',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with named fields',
  record: 'an object with named fields',
};

const formats: Record<string, string> = {
  email: 'an email address such as ann@example.com',
  url: 'a web address such as https://example.com',
  date: 'a date such as 2026-03-31',
  datetime: 'a time such as 2026-03-31T09:00:00Z',
  time: 'a time of day such as 09:30',
};

const counted: Record<string, string> = { string: 'character', array: 'entry', set: 'entry', map: 'entry' };

/** `12 characters`, `1 entry`; the bare number for what is no text and no list. */
function amountOf(count: number | bigint, origin: string): string {
  const noun = counted[origin];
  if (!noun) return String(count);
  const plural = noun === 'entry' ? 'entries' : `${noun}s`;
  return `${count} ${Number(count) === 1 ? noun : plural}`;
}

const sentences: { [Code in z.core.$ZodIssue['code']]: Say<Code> } = {
  invalid_type: ({ expected }) => `Enter ${kinds[expected] ?? `a value of type ${expected}`}.`,
  too_small: ({ minimum, origin, inclusive }) =>
    counted[origin]
      ? `Enter at least ${amountOf(minimum, origin)}.`
      : `Enter ${inclusive ? `${minimum} or more` : `more than ${minimum}`}.`,
  too_big: ({ maximum, origin, inclusive }) =>
    counted[origin]
      ? `Enter at most ${amountOf(maximum, origin)}.`
      : `Enter ${inclusive ? `${maximum} or less` : `less than ${maximum}`}.`,
  invalid_format: ({ format }) => `Enter ${formats[format] ?? 'text in the expected format'}.`,
  not_multiple_of: ({ divisor }) => `Enter a multiple of ${divisor}.`,
  unrecognized_keys: () => 'Unknown field. Remove it.',
  invalid_union: (issue) => unionWords(issue),
  invalid_key: () => 'Use a different name; this one is not allowed.',
  invalid_element: () => 'Enter a valid entry.',
  invalid_value: ({ values }) => `Use ${oneOf(values)}.`,
  custom: () => 'Enter a valid value.',
};

/** What each branch would take, once each. */
function unionWords(issue: Extract<RawIssue, { code: 'invalid_union' }>): string {
  const options = (issue as { options?: readonly unknown[] }).options;
  if (options && options.length > 0) return `Use ${oneOf(options)}.`;
  const words = (issue.errors ?? []).flatMap((branch) => (branch[0] ? [wordsOf(branch[0])] : []));
  return [...new Set(words)].join(' Or: ') || 'Enter a valid value.';
}
