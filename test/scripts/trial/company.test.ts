/** The examples in the words of the companies: what a client answers, and what staff enter, passes the rules as it is. */
import { expect, test } from 'vitest';
import { inTheWordsOf, typedIn } from '../../../scripts/trial/company.ts';
import { readExamples } from '../../../scripts/trial/examples.ts';
import { workflowFor } from '../../../workflows/index.ts';
import { exampleOf } from '../../../workflows/products/exit.ts';
import { localeOfCountry, readAmount } from '../../../workflows/validators/amounts.ts';
import { root } from '../../support/sources.ts';

test('every stage of every example order takes the example in the words of its company', async () => {
  const { orders } = await readExamples(root);
  const wrong = orders
    .filter(({ ends }) => ends !== 'refused')
    .flatMap((order) =>
      workflowFor(order.product).stages.flatMap((stage) => {
        const { error } = stage.exit?.safeParse(inTheWordsOf(order, exampleOf(stage))) ?? {};
        return (error?.issues ?? []).map(
          ({ path, message }) => `${order.title}, ${stage.key}, ${path.join('.')}: ${message}`,
        );
      }),
    );
  expect(wrong).toEqual([]);
});

test('each company answers with its own website, pictures, hours and address, and nobody with another’s', async () => {
  const { orders } = await readExamples(root);
  const answers = orders
    .filter(({ product }) => product === 'gbp')
    .map((order) => inTheWordsOf(order, exampleOf(workflowFor('gbp').stages[0]!)));
  for (const key of ['website', 'photos', 'hours', 'nap']) {
    expect(new Set(answers.map((answer) => JSON.stringify(answer[key]))).size, key).toBe(answers.length);
  }
});

test('a budget is typed as in the company’s country, and read as the same amount there', async () => {
  const { orders } = await readExamples(root);
  for (const order of orders.filter(({ product }) => product.endsWith('_ads'))) {
    const { monthly_budget: said } = typedIn(order.country, exampleOf(workflowFor(order.product).stages[0]!));
    const { amount, currency } = said as { amount: string; currency: string };
    expect(
      readAmount(amount, { locale: localeOfCountry(order.country), currency }),
      `${order.title}: ${amount}`,
    ).toEqual({
      ...{ minor: 304_000, unclear: false },
    });
  }
});
