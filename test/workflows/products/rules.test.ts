/** Every rule of every product, just inside and just outside; and no rule without such a case. */
import { describe, expect, test } from 'vitest';
import { products, workflowFor } from '../../../workflows/index.ts';
import { cases, refusedBy } from './cases.ts';
import { dataOf, errorsOf, orderAt, type RuleCase, stageFor } from './rule-case.ts';

describe.each(Object.keys(cases))('%s', (product) => {
  test.each((cases[product] ?? []).map((one) => ({ ...one, one })))('$stage: $says', ({ one }) => {
    expect(errorsOf(product, one, one.inside)).toEqual([]);
    const errors = errorsOf(product, one, one.outside);
    expect(errors.map(({ pointer, rule }) => `${pointer} ${rule}`)).toEqual(refusedBy(one));
    const own = errors.filter(({ rule }) => rule !== 'too_big');
    for (const { message } of own) expect(message).toMatch(/^["“\p{L}\d].{7,}\.$/u);
  });
});

describe('every rule', () => {
  const declared = Object.keys(products).flatMap((product) =>
    workflowFor(product).stages.flatMap(({ key, rules }) =>
      rules.map((rule, index) => ({ product, key, rule, index })),
    ),
  );

  test.each(declared)('of $product, $key #$index refuses in a case of its own', ({ product, key, rule }) => {
    const refuses = (one: RuleCase) => {
      const { exit } = stageFor(product, key);
      const parsed = exit?.safeParse(dataOf(product, one, one.outside));
      return parsed?.success === true && rule({ data: parsed.data, state: orderAt(product, one) }).length > 0;
    };
    const own = (cases[product] ?? []).filter(({ stage }) => stage === key);
    expect(own.some(refuses)).toBe(true);
  });
});
