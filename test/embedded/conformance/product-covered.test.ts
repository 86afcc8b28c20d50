/**
 * What the product sends, the conformance suite has: every operator, stage and accumulator in the sources that speak to
 * MongoDB must occur in a case of this folder. Whoever adds one adds a case for it, with the answer MongoDB documents.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as accumulator from 'mingo/operators/accumulator';
import * as expression from 'mingo/operators/expression';
import * as pipeline from 'mingo/operators/pipeline';
import * as query from 'mingo/operators/query';
import * as update from 'mingo/operators/update';
import { expect, test } from 'vitest';
import { readSources } from '../../support/sources.ts';

const rooms = /^(models|workers|scripts|api|queues|runtime|bench)\//;
const known = new Set(
  [accumulator, expression, pipeline, query, update].flatMap((names) => Object.keys(names)).concat('$each', '$slice'),
);

const ofJsonSchema = new Set(['$schema', '$ref', '$defs', '$id']);

/** `$word` as a key; as a text only where it is an operator's name, and not the path of a field. */
function operatorsIn(text: string): string[] {
  const keys = [...text.matchAll(/['"`]?(\$[a-z]\w*)['"`]?(?=\s*:|\s*[,}])/gi)].map(([whole, name = '']) => {
    return /^['"`]/.test(whole) && !known.has(name) ? '' : name;
  });
  return keys.filter((name) => name && !ofJsonSchema.has(name));
}

test('every operator that the product sends is in a conformance case', async () => {
  const sources = (await readSources()).filter(({ path }) => rooms.test(path));
  expect(sources.some(({ path }) => path === 'models/aggregate.ts')).toBe(true);
  const own = (await readdir(import.meta.dirname)).filter((name) => /^(?!product-covered).*\.ts$/.test(name));
  const cases = await Promise.all(own.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  const covered = new Set(cases.flatMap(operatorsIn));
  const missing = sources.flatMap(({ path, text }) =>
    operatorsIn(text)
      .filter((name) => !covered.has(name))
      .map((name) => `${path} sends ${name}: add a case for it to test/embedded/conformance/product-*.test.ts`),
  );
  expect([...new Set(missing)]).toEqual([]);
});

test.each<[string, string[]]>([
  ['{ $set: { a: 1 }, $inc: { n: 1 } }', ['$set', '$inc']],
  ["{ '$elemMatch': { b: 1 } }", ['$elemMatch']],
  ["const past = up ? '$gt' : '$lt', next", ['$gt', '$lt']],
  ['{ search: { $regex } }', ['$regex']],
  ["{ _id: '$queue', first: { $first: '$order' } }", ['$first']],
  [`\`${'$'}{name} is open\``, []],
])('operators are seen in %s', (text, operators) => {
  expect(operatorsIn(text)).toEqual(operators);
});
