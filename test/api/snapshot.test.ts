import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { currencyIn, describe as described, renderData } from '../../api/pages/snapshot.ts';
import { products } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { minorUnits, money } from '../../workflows/validators/money.ts';
import { isoDate, isoTime } from '../../workflows/validators/text.ts';

const row = z.strictObject({ at: isoTime, text: z.string() });
const schema = described(
  z.strictObject({ posts: z.array(row).optional(), day: isoDate.optional(), budget: money.optional() }),
);
const markupOf = (value: unknown, as = schema) => renderData({ value, schema: as }).markup;

describe('what a client approves', () => {
  test('shows times as people read them, where the schema says that they are times', () => {
    const markup = markupOf({
      posts: [{ at: '2026-04-06T15:00:00Z', text: '2026-04-06T15:00:00Z' }],
      day: '2026-04-06',
    });
    expect(markup).toContain('<td>April 6, 2026 at 3:00 PM UTC</td>');
    expect(markup).toContain('<td>2026-04-06T15:00:00Z</td>');
    expect(markup).toContain('<dd>2026-04-06</dd>');
  });

  test.each(['2026-99-99T99:99Z', '2026-02-31T10:00Z', '2026-02-31T10:00:00Z', '1e5', 'true', 'null', '2026-01-01'])(
    'shows the text %s as it is, wherever it stands',
    (said) => {
      expect(markupOf({ posts: [{ at: said, text: said }] }).match(/<td>([^<]*)<\/td>/g)).toEqual(
        Array.from({ length: 2 }, () => `<td>${said}</td>`),
      );
      expect(markupOf([said, said], undefined)).toBe(`${said}, ${said}`);
    },
  );

  test('shows money where the schema says so, and what only looks like it as it is', () => {
    expect(markupOf({ budget: { amount: 150_000, currency: 'USD' } })).toContain('<dd>$1,500.00</dd>');
    expect(markupOf({ amount: 1, currency: 'nonsense' }, undefined)).toContain('<dd>nonsense</dd>');
    expect(markupOf({ budget: { amount: 5, currency: 'nonsense' } })).toContain('5 nonsense');
    const bare = described(z.strictObject({ daily: minorUnits, budget: z.int() }));
    const { markup } = renderData({ value: { daily: 1_050, budget: 7 }, schema: bare, currency: 'EUR' });
    expect(markup).toContain('<dd>€10.50</dd>');
    expect(markup).toContain('<dd>7</dd>');
  });

  test('can be shown whatever it is, with the schema of any stage', () => {
    const stages = Object.values(products)
      .flat()
      .flatMap((workflow) => workflow.stages)
      .filter(({ exit }) => exit);
    for (const stage of stages) expect(markupOf(exampleOf(stage), described(stage.exit))).not.toBe('');
    const schemas = stages.map(({ exit }) => described(exit));
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.jsonValue({ maxDepth: 4 }), (as, value) => {
        const shown = { value, schema: as };
        return typeof renderData({ ...shown, currency: currencyIn(shown) ?? 'USD' }).markup === 'string';
      }),
    );
  });
});
