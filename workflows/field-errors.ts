/**
 * What zod found, as the field errors a refusal carries: a JSON Pointer, the rule, and what would pass. The pointer is
 * relative to the request's body, so a caller that nests its data says under what (`/data`, `/answers`).
 */
import type { z } from 'zod';
import { type FieldError, Refusal, type RefusalCode } from '../kernel/errors.ts';

export function fieldErrors(error: z.ZodError, under = ''): FieldError[] {
  return error.issues.flatMap((issue) => fromIssue(issue, under));
}

/** `value` as the schema understands it, or a refusal that names each field. */
export function parseOr<T>(schema: z.ZodType<T>, value: unknown, refusal: { code: RefusalCode; under?: string }): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, refusal.under);
  throw new Refusal(refusal.code, errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' '), errors);
}

export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `one of a, b, c`, for messages that say what would pass. */
export const oneOf = (values: readonly unknown[]): string => `one of ${values.map(String).join(', ')}`;

function fromIssue(issue: z.core.$ZodIssue, under: string): FieldError[] {
  const pointer = under + pointerTo(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        pointer: pointer + pointerTo([key]),
        rule: 'unknown_field',
        message: 'This field is not known here; leave it out.',
      }));
    case 'invalid_value':
      return [{ pointer, rule: 'not_offered', message: `Give ${oneOf(issue.values)}.` }];
    case 'invalid_union':
      return [{ pointer, rule: 'not_offered', message: unionMessage(issue) }];
    case 'invalid_type':
      return [{ pointer, rule: isMissing(issue) ? 'required' : 'wrong_type', message: typeMessage(issue) }];
    case 'custom':
      return [{ pointer, rule: String(issue.params?.['rule'] ?? 'not_valid'), message: issue.message }];
    default:
      return [{ pointer, rule: issue.code, message: issue.message }];
  }
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  if ('options' in issue && issue.options) return `Give ${oneOf(issue.options.map(String))}.`;
  return issue.errors.map((branch) => branch[0]?.message ?? '').join(' Or: ');
}

/** zod keeps the input out of its issues, so that the words tell whether anything was given at all. */
const isMissing = (issue: z.core.$ZodIssueInvalidType): boolean => issue.message.endsWith('received undefined');

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  return issue.message.startsWith('Invalid input') ? `Give a value of type ${issue.expected}.` : issue.message;
}
