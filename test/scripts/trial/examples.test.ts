import { describe, expect, test } from 'vitest';
import { readExamples } from '../../../scripts/trial/examples.ts';
import { surprises } from '../../../scripts/trial/summary.ts';
import { products } from '../../../workflows/index.ts';
import { root } from '../../support/sources.ts';

describe('the example orders', () => {
  test('are sixty, of which at least fifty-five go live', async () => {
    const { orders } = await readExamples(root);
    expect(orders).toHaveLength(60);
    expect(orders.filter(({ ends }) => ends === 'live').length).toBeGreaterThanOrEqual(55);
  });

  test('have a client of their own each, and an agency that is there', async () => {
    const { agencies, orders } = await readExamples(root);
    expect(new Set(orders.map(({ contact_email }) => contact_email)).size).toBe(orders.length);
    const known = agencies.map(({ _id }) => _id);
    expect(orders.filter(({ agency }) => !known.includes(agency))).toEqual([]);
  });

  test('are of products and tiers that are sold, in zones that exist, but for those meant to be refused', async () => {
    const { orders } = await readExamples(root);
    const good = orders.filter(({ ends }) => ends !== 'refused');
    const unsold = good.filter(({ product, tier }) => !products[product]?.[0].tiers.includes(tier));
    expect(unsold).toEqual([]);
    for (const { time_zone } of good)
      expect(() => new Intl.DateTimeFormat('en', { timeZone: time_zone })).not.toThrow();
  });
});

describe('the summary', () => {
  test('tells of every order that is not where it was meant to be', async () => {
    const [order] = (await readExamples(root)).orders;
    if (!order) throw new Error('There are no examples.');
    const ending = (ends: typeof order.ends, status: string, onboarding?: string) => ({
      order: { ...order, ends },
      status,
      ...(onboarding !== undefined && { onboarding, id: 'a' }),
    });
    const asMeant = [
      ending('live', 'live', 'approved'),
      ending('waiting', 'onboarding', 'sent'),
      ending('needs_revision', 'onboarding', 'needs_revision'),
      ending('refused', 'refused'),
    ];
    expect(surprises(asMeant)).toEqual([]);
    const others = [
      ending('live', 'setup', 'approved'),
      ending('waiting', 'live', 'approved'),
      ending('waiting', 'onboarding', 'received'),
      ending('needs_revision', 'onboarding', 'sent'),
      ending('refused', 'setup', 'approved'),
    ];
    expect(surprises([...asMeant, ...others])).toHaveLength(others.length);
  });
});
