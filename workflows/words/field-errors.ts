/**
 * What zod found, as the field errors a refusal carries: a JSON Pointer, the rule, and what would pass. The pointer is
 * relative to the request's body, so a caller that nests its data says under what (`/data`, `/answers`).
 */
import type { z } from 'zod';
import { type FieldError, Refusal, type RefusalCode } from '../../kernel/errors.ts';
import { inOurWords, wordsOf } from './messages.ts';

export function fieldErrors(error: z.ZodError, under = ''): FieldError[] {
  return error.issues.flatMap((issue) => fromIssue(issue, under));
}

/** `value` as the schema understands it, or a refusal that names each field. */
export function parseOr<T>(schema: z.ZodType<T>, value: unknown, refusal: { code: RefusalCode; under?: string }): T {
  const parsed = schema.safeParse(value, inOurWords);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, refusal.under);
  throw new Refusal(refusal.code, sentenceOf(errors), errors);
}

/** The first of them as one sentence; the rest is counted. */
export function sentenceOf(errors: readonly FieldError[], whole = ''): string {
  const first = errors.slice(0, 5).map(({ pointer, message }) => `${pointer || whole}: ${message}`);
  return [...first, ...(errors.length > 5 ? [`And ${errors.length - 5} more.`] : [])].join(' ');
}

export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function fromIssue(issue: z.core.$ZodIssue, under: string): FieldError[] {
  const pointer = under + pointerTo(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ pointer, rule: ruleOf(issue), message: wordsOf(issue) }];
  const message = 'Unknown field. Remove it.';
  return issue.keys.map((key) => ({ pointer: pointer + pointerTo([key]), rule: 'unknown_field', message }));
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (isMissing(issue)) return 'required';
  switch (issue.code) {
    case 'invalid_value':
    case 'invalid_union':
      return 'not_offered';
    case 'invalid_type':
      return 'wrong_type';
    case 'custom':
      return String(issue.params?.['rule'] ?? 'not_valid');
    default:
      return issue.code;
  }
}

/** Unless it was told to report the input, zod only says in its words that nothing was given. */
const isMissing = (issue: z.core.$ZodIssue): boolean =>
  ('input' in issue && issue.input === undefined) || issue.message.endsWith('received undefined');
