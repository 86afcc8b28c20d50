/** The reference says of every operation what it is for and what comes back, and of every number what it counts. */
import { beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../api/reference/operations.ts';
import { anApi, type TestApi } from '../support/api.ts';

interface Node {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Node>;
  anyOf?: Node[];
}

interface Described {
  description?: string;
  parameters?: { name: string; required?: boolean; example?: unknown; schema?: Node; description?: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { description: string }>;
}

let api: TestApi;
let described: (readonly [name: string, operation: Described])[];
beforeAll(async () => {
  api = await anApi();
  await api.app.ready();
  const { paths = {} } = api.app.swagger() as unknown as { paths?: Record<string, Record<string, Described>> };
  described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
});

const lacking = (isLacking: (operation: Described) => boolean) =>
  described.filter(([, operation]) => isLacking(operation)).map(([name]) => name);

test('nothing is said of operations that there are not', () => {
  expect(Object.keys(operations).sort()).toEqual(described.map(([name]) => name).sort());
});

describe('every operation', () => {
  test('says in a sentence what it is for', () => {
    expect(described.length).toBeGreaterThan(60);
    expect(lacking(({ description = '' }) => !/^[A-Z`].{20,}\.$/s.test(description))).toEqual([]);
  });

  test('says what each of its answers is, in words of its own', () => {
    const isVague = ({ description }: { description: string }) =>
      !/^[A-Z].{5,}\.$/s.test(description) || /default response/i.test(description);
    expect(lacking(({ responses }) => Object.values(responses).some(isVague))).toEqual([]);
  });

  test('has an example for whatever it needs', () => {
    const lacksBody = ({ requestBody }: Described) =>
      requestBody !== undefined && Object.values(requestBody.content).every(({ example }) => example === undefined);
    const lacksParameter = ({ parameters = [] }: Described) =>
      parameters.some(({ required, example }) => required && example === undefined);
    expect(lacking((operation) => lacksBody(operation) || lacksParameter(operation))).toEqual([]);
  });
});

test('whatever is referred to is there', () => {
  const document = api.app.swagger() as unknown as { components: { schemas: Record<string, unknown> } };
  const text = JSON.stringify(document);
  const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
  const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...new Set(refs)].sort()).toEqual(there.sort());
});

test('every number says what it counts', () => {
  const holdsNumber = ({ type, anyOf = [] }: Node): boolean =>
    [type].flat().some((one) => one === 'number' || one === 'integer') || anyOf.some(holdsNumber);
  const mute: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, property] of Object.entries((node as Node).properties ?? {})) {
      if (holdsNumber(property) && property.description === undefined) mute.push(`${path} ${name}`);
    }
    for (const [key, inner] of Object.entries(node)) walk(inner, `${path}/${key}`);
  };
  walk(api.app.swagger(), '');
  const parameters = described.flatMap(([name, { parameters = [] }]) =>
    parameters
      .filter(({ schema = {}, description }) => holdsNumber(schema) && description === undefined)
      .map((one) => `${name} ${one.name}`),
  );
  expect([...mute, ...parameters]).toEqual([]);
});

test('every duration says its unit', () => {
  const text = JSON.stringify(api.app.swagger());
  const { components } = JSON.parse(text) as {
    components: { schemas: Record<string, { properties: Record<string, Node> }> };
  };
  const { Duration, Share } = components.schemas;
  expect(Duration?.properties['value']?.description).toMatch(/^Milliseconds\./);
  expect(Share?.properties['value']?.description).toMatch(/from 0 to 1/);
  const isTime = ['median', 'p90', 'wall', 'business', 'spent', 'over', 'budget'];
  const saidOf = (name: string) => [...text.matchAll(new RegExp(`"${name}":(\\{[^{}]*\\})`, 'g'))].map(([, is]) => is);
  const silent = isTime.flatMap(saidOf).filter((is) => !/milliseconds|business days|schemas\/Duration/i.test(is ?? ''));
  expect(isTime.filter((name) => saidOf(name).length === 0)).toEqual([]);
  expect(silent).toEqual([]);
});

test('the page has a title of its own', async () => {
  const page = await api.call('GET', '/docs/', { as: 'nobody' });
  expect(page.body).toContain('<title>Orderworks API</title>');
});
