/** What other services are told of a product suffices to order it and to leave its stages. */
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { products } from '../../workflows/index.ts';
import { anApi, client, type TestApi } from '../support/api.ts';

interface Shown {
  tiers: string[];
  options: { properties?: Record<string, { default?: unknown }> };
  stages: { key: string; gate: string; after: string[]; data?: object; example?: object }[];
}

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
});

const show = async (product: string) => (await api.call('GET', `/v1/products/${product}`)).json() as Shown;
/** Patterns are Unicode's in JSON Schema; this reader makes others of them, so that those with classes of letters are left out. */
const withoutClasses = (name: string, value: unknown) =>
  name === 'pattern' && String(value).includes('\\p{') ? undefined : value;
const accepts = (schema: object, data: unknown) =>
  z.fromJSONSchema(JSON.parse(JSON.stringify(schema, withoutClasses))).safeParse(data).success;

describe.each(Object.keys(products))('%s', (product) => {
  test('is ordered by what its own description says', async () => {
    const { tiers, options, stages } = await show(product);
    expect(accepts(options, {})).toBe(true);
    expect(accepts(options, { no_such_option: 1 })).toBe(false);
    const chosen = Object.fromEntries(
      Object.entries(options.properties ?? {}).map(([name, one]) => [name, one.default]),
    );
    const body = { account: 'acme', product, tier: tiers[0], title: product, client, options: chosen };
    const answer = await api.call('POST', '/v1/admin/orders', { body });
    expect(answer.statusCode, answer.body).toBe(202);
    await api.work();
    const order = (await api.call('GET', `/v1/admin/orders/${answer.json().order.id}`)).json();
    expect(order.stages.map(({ key }: { key: string }) => key)).toEqual(stages.map(({ key }) => key));
    expect(stages.flatMap(({ after }) => after).every((key) => stages.some((stage) => stage.key === key))).toBe(true);
  });

  test('describes the data of each stage, with an example that fits', async () => {
    const { stages } = await show(product);
    const described = stages.filter(({ data }) => data);
    const left = products[product]?.[0].stages.filter(({ exit }) => exit).map(({ key }) => key);
    expect(described.map(({ key }) => key)).toEqual(left);
    for (const { key, data = {}, example } of described) {
      expect(accepts(data, example), key).toBe(true);
      expect(accepts(data, { ...example, no_such_field: 1 }), key).toBe(false);
    }
  });
});

test('a product that is not sold is refused with those that are', async () => {
  const answer = await api.call('GET', '/v1/products/telegrams');
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
  expect(answer.json().detail).toContain('google_ads');
});
