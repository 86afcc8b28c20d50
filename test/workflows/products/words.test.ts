/** What the products say to people: a name for everything, and a whole sentence wherever something is refused or missing. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { products } from '../../../workflows/index.ts';

const workflows = Object.values(products).flat();
const stages = workflows.flatMap(({ product, stages: all }) =>
  all.map((stage) => ({ product, stage, key: stage.key })),
);

const title = /^\p{Lu}[^.]*\p{L}$/u;
const sentence = /^["“\p{Lu}\d].{7,}\.$/u;

describe('the words of a product', () => {
  test.each(workflows)('$product has a title', (workflow) => {
    expect(workflow.title).toMatch(title);
  });

  test.each(stages)('$product, $key has a title', ({ stage }) => {
    expect(stage.title).toMatch(title);
  });

  test.each(stages)('$product, $key says what is missing, what would help, and why it is left out', ({ stage }) => {
    const { needs = [], when } = stage;
    for (const { missing, cure } of needs) expect([missing, cure].filter((words) => !sentence.test(words))).toEqual([]);
    expect(when?.otherwise ?? 'Nothing to say.').toMatch(sentence);
  });

  test.each(stages)('$product, $key says in a sentence what would pass', ({ stage }) => {
    const words = stage.exit ? wordsOf(stage.exit) : [];
    expect(words.filter((one) => !sentence.test(one))).toEqual([]);
  });

  test('are found wherever a schema has some', () => {
    expect(stages.flatMap(({ stage }) => (stage.exit ? wordsOf(stage.exit) : [])).length).toBeGreaterThan(300);
  });
});

interface Definition {
  error?: (issue: unknown) => unknown;
  checks?: { _zod: { def: Definition } }[];
  [part: string]: unknown;
}

/** All words that a schema has of its own, in its fields, its items and its branches. */
function wordsOf(schema: z.ZodType, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const definition = schema._zod.def as unknown as Definition;
  const own = [definition, ...(definition.checks ?? []).map((check) => check._zod.def)].flatMap(({ error }) => {
    const words = error?.({ input: 0 });
    return typeof words === 'string' ? [words] : [];
  });
  return [...own, ...partsOf(definition).flatMap((part) => wordsOf(part, seen))];
}

const isSchema = (value: unknown): value is z.ZodType => typeof value === 'object' && value !== null && '_zod' in value;

function partsOf({ checks: _checks, ...definition }: Definition): z.ZodType[] {
  return Object.values(definition).flatMap((value) => {
    if (isSchema(value)) return [value];
    if (typeof value !== 'object' || value === null) return [];
    return Object.values(value).filter(isSchema);
  });
}
