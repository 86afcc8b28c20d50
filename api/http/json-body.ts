/**
 * JSON bodies. A key that would reach an object's prototype is refused by name, wherever it is; Fastify's own parser
 * refuses it too, but only says that the body is no JSON.
 */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { pointerTo } from '../../workflows/words/field-errors.ts';

export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) => {
    const body = parsed(text);
    const poison = findPoison(body);
    if (poison) throw malformed(pointerTo(poison), 'unknown_field', 'Unknown field. Remove it.');
    return body;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(
      '',
      'not_json',
      text === '' ? 'The body is empty. Send a JSON object.' : 'Send a single JSON object.',
    );
  }
}

function findPoison(value: unknown): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__' || (key === 'constructor' && hasPrototype(inner))) return [key];
    const below = findPoison(inner);
    if (below) return [key, ...below];
  }
  return undefined;
}

const hasPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');

const malformed = (pointer: string, rule: string, message: string): Refusal =>
  new Refusal('invalid_request', `${pointer || 'The body'}: ${message}`, [{ pointer, rule, message }]);
