/** Every message is a sentence that says what would pass: over every field of every stage, and of every command. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { orderCommand } from '../../workflows/words/commands.ts';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import { inOurWords } from '../../workflows/words/messages.ts';

const bad: unknown[] = [
  undefined,
  null,
  '',
  ' ',
  0,
  -1,
  1.5,
  1e12,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  false,
  [],
  {},
  [null],
  [{}],
  { amount: 'x', currency: 'x' },
  'x'.repeat(100_000),
  '\u0000',
  '9am-5pm',
  '09:00-24:00',
  '2026-02-30',
  'ann@',
  Array.from({ length: 1_000 }, () => 'x'),
  Array.from({ length: 1_000 }, (_, n) => ({ n })),
];

/** Words of zod, and of anybody who says what was wrong rather than what would pass. */
const foreign = /\b(invalid|expected|received|unrecognized|too (big|small)|undefined|NaN|nullish)\b|[<>]=/i;

function* spoilt(value: unknown, put: (inner: unknown) => unknown): Generator<unknown> {
  for (const one of bad) yield put(one);
  if (Array.isArray(value)) {
    for (const [at, inner] of value.entries()) yield* spoilt(inner, (one) => put(value.with(at, one)));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* spoilt(inner, (one) => put({ ...value, [key]: one }));
    yield put({ ...value, added: 1 });
  }
}

function expectSentences(schema: z.ZodType, example: unknown, also: string[] = []): number {
  let told = 0;
  const absent = Object.fromEntries(also.map((key) => [key, undefined]));
  for (const value of spoilt({ ...absent, ...(example as object) }, (one) => one)) {
    const { error } = schema.safeParse(value, inOurWords);
    for (const { pointer, message } of error ? fieldErrors(error) : []) {
      told += 1;
      if (!/^[\p{Lu}\d].{4,}[.!]$/su.test(message) || foreign.test(message) || message.length > 600) {
        throw new Error(`${pointer}: ${message}`);
      }
    }
  }
  return told;
}

const stages = Object.keys(products).flatMap((product) =>
  workflowFor(product).stages.flatMap((stage) => (stage.exit ? [{ product, key: stage.key, stage }] : [])),
);

describe('what is said of a value that does not pass', () => {
  test.each(stages)('is a sentence in every field of $product, $key', ({ stage }) => {
    const shape = (stage.exit as unknown as { shape: Record<string, unknown> }).shape;
    expect(expectSentences(stage.exit!, exampleOf(stage), Object.keys(shape))).toBeGreaterThan(0);
  });

  test('is a sentence in every field of every command', () => {
    for (const option of orderCommand.options) {
      const { type, ...shape } = (option as unknown as { shape: Record<string, unknown> }).shape;
      const example = { type: [...(type as z.ZodLiteral<string>).values][0] };
      expect(expectSentences(orderCommand, example, Object.keys(shape))).toBeGreaterThan(0);
    }
  });
});
