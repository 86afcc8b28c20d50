/**
 * The one check of what a request carries, before any schema sees it: body, query, path and headers. JSON bodies are read
 * here; whoever reads a body in another way (forms, CSV) is asked as well, by what came of it.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../kernel/errors.ts';
import { requireSound, usualBudget } from '../../workflows/words/sound.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How many values a body may have, where the usual budget is too small. */
    mostValues?: number;
  }
}

export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) =>
    jsonIn(text),
  );
}

/** Register before the routes. */
export function requireSoundRequests(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => requireSoundParts(request));
}

function requireSoundParts({ body, query, params, headers, routeOptions }: FastifyRequest): void {
  requireSound(params, '/path');
  requireSound(query, '/query');
  requireSound(headers, '/headers');
  const values = routeOptions.config.mostValues ?? usualBudget.values;
  requireSound(body, '', { values, characters: routeOptions.bodyLimit ?? usualBudget.characters });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const message = text === '' ? 'The body is empty. Send a JSON object.' : 'Send a single JSON object.';
    throw new Refusal('invalid_request', `The body: ${message}`, [{ pointer: '', rule: 'not_json', message }]);
  }
}
