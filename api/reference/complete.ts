/**
 * Completes the generated description: what an operation is for, what its answers are, an example of it, the refusals
 * that all have in common, and what every number means.
 */
import { meanings } from './numbers.ts';
import type { Example, Operation } from './operation.ts';
import { operations } from './operations.ts';

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: Node;
}

interface Media {
  schema?: Node;
  example?: unknown;
}

interface Described {
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses?: Record<string, { description: string; content?: Record<string, Media> }>;
  security?: unknown[];
  [extension: `x-${string}`]: unknown;
}

interface Node {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Node>;
  anyOf?: Node[];
  [key: string]: unknown;
}

export interface OpenApi {
  paths?: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, unknown> };
}

/** Every operation may be refused, and all but the open ones take a key. */
export function complete(document: OpenApi, takesKey: (path: string) => boolean): OpenApi {
  for (const [path, described] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(described)) {
      const known = operations[`${method.toUpperCase()} ${path}`];
      if (known) describe(operation, known);
      operation.responses = { ...operation.responses, default: refusal };
      if (takesKey(path)) operation.security = [{ key: [] }];
    }
  }
  const whole = { ...document, components: { ...document.components, schemas: usedOf(document) } };
  sayNumbers(whole);
  return whole;
}

/** The schemas that something refers to; each would otherwise be there once more, as what it is before it is parsed. */
function usedOf({ paths, components }: OpenApi): Record<string, unknown> {
  const schemas = components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (node: unknown): void => {
    for (const [, name = ''] of JSON.stringify(node ?? {}).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

const refusal = {
  description: 'A refusal or a fault.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const answers: Record<string, string> = {
  '202': 'Accepted; the job shows the outcome.',
  '503': 'Requests are not accepted, because the database does not answer.',
};

function describe(operation: Described, { description, answer, answers: own, example }: Operation): void {
  if (description !== undefined) operation.description = description;
  if (own) operation.responses = Object.fromEntries(Object.entries(own).map(([code, one]) => [code, answerOf(one)]));
  const codes = Object.keys(operation.responses ?? {});
  for (const [code, response] of Object.entries(operation.responses ?? {})) {
    const isOnly = codes.length === 1 || code === '200';
    if (!own) response.description = isOnly ? answer : (answers[code] ?? answer);
  }
  exemplify(operation, example);
}

const answerOf = ({ is, type }: NonNullable<Operation['answers']>[string]) => ({
  description: is,
  content: { [type]: { schema: { type: type === 'text/html' ? 'string' : 'object' } } },
});

function exemplify(operation: Described, { path = {}, query = {}, body, as, signed, refused }: Example): void {
  const values = { ...path, ...query };
  for (const parameter of operation.parameters ?? []) {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : usualFor(parameter);
    if (value !== undefined) parameter.example = value;
  }
  if (body !== undefined) placeBody(operation, body);
  if (as === 'client') operation['x-example-key'] = 'one that names accounts';
  if (signed) operation['x-example-signed'] = true;
  if (refused !== undefined) operation['x-example-refused'] = refused;
}

const usualFor = ({ name, required, description = '' }: Parameter): unknown =>
  name === 'if-match' && (required || /Required\.$/.test(description)) ? '*' : undefined;

/** What a signed message is has no schema: it is judged as bytes. */
function placeBody(operation: Described, body: unknown): void {
  const type = typeof body === 'string' ? 'message/rfc822' : 'application/json';
  operation.requestBody ??= {
    required: true,
    content: { [type]: { schema: typeof body === 'string' ? { type: 'string' } : { type: 'object' } } },
  };
  const media = operation.requestBody.content[type];
  if (media) media.example = body;
}

const isNumber = ({ type }: Node): boolean => [type].flat().some((one) => one === 'number' || one === 'integer');

const holdsNumber = (node: Node): boolean => isNumber(node) || (node.anyOf ?? []).some(isNumber);

/** Walks everything; a number that has no words of its own gets those of its name. */
function sayNumbers(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const { properties, name, schema } = node as Node & Partial<Parameter>;
  for (const [key, property] of Object.entries(properties ?? {})) say(key, property);
  if (typeof name === 'string' && schema) say(name, node as Node, schema);
  for (const inner of Object.values(node)) sayNumbers(inner);
}

function say(name: string, described: Node, schema = described): void {
  const words = meanings[name];
  if (words !== undefined && described.description === undefined && holdsNumber(schema)) described.description = words;
}
