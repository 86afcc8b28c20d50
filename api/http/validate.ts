/**
 * Requests against their zod schemas. What does not pass is refused as `invalid_request`, each fault under a JSON
 * Pointer: into the body as it is, or below `/query`, `/path`, `/headers`.
 */
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { fieldErrors, sentenceOf } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';

const roots: Record<string, string> = { body: '', querystring: '/query', params: '/path', headers: '/headers' };

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'body' }) =>
  (input: unknown) => {
    const parsed = schema.safeParse(input, inOurWords);
    if (parsed.success) return { value: parsed.data };
    const errors = fieldErrors(parsed.error, roots[httpPart] ?? '');
    return { error: new Refusal('invalid_request', sentenceOf(errors, 'The body'), errors) };
  };
