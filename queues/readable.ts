/**
 * Every way in gives its commands by one table: the schemas that the worker parses them with. What a route's own words
 * let through and the table does not is refused by the field, before it is accepted.
 */
import type { z } from 'zod';
import { Refusal } from '../kernel/errors.ts';
import { fieldErrors, sentenceOf } from '../workflows/words/field-errors.ts';
import { inOurWords } from '../workflows/words/messages.ts';

/** Throws `invalid_request` with the fields that no worker could read. */
export function requireReadable(table: z.ZodType, command: object): void {
  const { error } = table.safeParse(command, inOurWords);
  if (!error) return;
  const errors = fieldErrors(error);
  throw new Refusal('invalid_request', sentenceOf(errors, 'The command'), errors);
}
