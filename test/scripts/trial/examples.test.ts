import { describe, expect, test } from 'vitest';
import { readExamples, readOrders, stories } from '../../../scripts/trial/examples.ts';
import { type Part, partOf } from '../../../scripts/trial/part.ts';
import { surprises } from '../../../scripts/trial/summary.ts';
import { products } from '../../../workflows/index.ts';
import { root } from '../../support/sources.ts';

describe('the example orders', () => {
  test('are sixty, of which at least fifty-five go live', async () => {
    const { orders, bad } = await readExamples(root);
    expect(bad).toEqual([]);
    expect(orders).toHaveLength(60);
    expect(orders.filter(({ ends }) => ends === 'live').length).toBeGreaterThanOrEqual(55);
  });

  test('have a client of their own each, and an agency that is there', async () => {
    const { agencies, orders } = await readExamples(root);
    expect(new Set(orders.map(({ contact_email }) => contact_email)).size).toBe(orders.length);
    const known = agencies.map(({ _id }) => _id);
    expect(orders.filter(({ agency }) => !known.includes(agency))).toEqual([]);
  });

  test('have one that goes live for every product that is sold, and one for every story', async () => {
    const { orders } = await readExamples(root);
    const live = orders.filter(({ ends }) => ends === 'live');
    expect(Object.keys(products).filter((name) => !live.some(({ product }) => product === name))).toEqual([]);
    expect(stories.filter((name) => !live.some(({ story }) => story === name))).toEqual([]);
  });

  test('are of companies with websites, telephones and hours of their own, some of them in Germany and India', async () => {
    const { orders } = await readExamples(root);
    const companies = new Map(orders.map(({ accountId, company }) => [accountId, company]));
    for (const of of ['host', 'phone', 'street'] as const) {
      expect(new Set([...companies.values()].map((one) => one[of])).size).toBe(companies.size);
    }
    expect(new Set([...companies.values()].map(({ weekdays }) => weekdays)).size).toBeGreaterThan(20);
    for (const [agency, country] of [
      ['nordlicht', 'DE'],
      ['diya', 'IN'],
    ]) {
      expect(orders.some((order) => order.agency === agency && order.country === country)).toBe(true);
    }
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

describe('a line that can not be read', () => {
  const heading = 'agency,account,country,time_zone,product,tier,title,contact_name,contact_email,ends,options,story';
  const good =
    'sakura,Solar,AU,Australia/Adelaide,seo,basic,Solar: SEO,Liam,liam@solar.example,live,site=ordered local=false,';
  const solar = {
    host: 'solar',
    street: '1 High St',
    town: 'Adelaide',
    postal_code: '5000',
    phone: '+61 8 5550 0170',
    weekdays: '09:00-17:00',
    saturday: 'closed',
    sunday: 'closed',
  };
  const read = (...lines: string[]) =>
    readOrders([heading, ...lines, ''].join('\n'), { agencies: new Set(['sakura']), companies: { Solar: solar } });
  const changed = (from: string, to: string) => good.replace(from, to);

  test.each([
    ['a field too few', changed(',live', ''), undefined, 'csv_record_inconsistent_columns'],
    ['a field too many', `${good},live`, undefined, 'csv_record_inconsistent_columns'],
    ['a quote that is not closed', changed('Solar: SEO', '"Solar: SEO'), undefined, 'csv_quote_not_closed'],
    ['a quote in the middle', changed('Solar: SEO', '"Solar": SEO'), undefined, 'csv_invalid_closing_quote'],
    ['an end that there is not', changed('live', 'lively'), 'ends', 'invalid_value'],
    ['nothing in a field', changed('basic', ' '), 'tier', 'too_small'],
    ['a time zone that there is not', changed('Adelaide', 'Atlantis'), 'time_zone', 'unknown_time_zone'],
    ['a story that nobody plays', `${good}sold_out`, 'story', 'invalid_value'],
    ['a company that there is not', changed('Solar,AU', 'Lunar,AU'), 'account', 'unknown_account'],
    ['an agency that there is not', changed('sakura', 'tulip'), 'agency', 'unknown_agency'],
  ])('for %s is told by line, field and rule, and the lines around it are read', (_, line, field, rule) => {
    const { orders, bad } = read(good, line, '', good);
    expect(bad.map((row) => [row.line, row.field, row.rule])).toEqual([[3, field, rule]]);
    expect(orders.map((order) => order.line)).toEqual([2, 5]);
    expect(orders[0]).toMatchObject({ options: { site: 'ordered', local: false }, story: '' });
  });

  test('is told of each of its fields', () => {
    const { bad } = read(changed('basic', '').replace('live', ''));
    expect(bad.map(({ field }) => field)).toEqual(['tier', 'ends']);
  });
});

describe('the summary', () => {
  test('tells of every order that is not where it was meant to be', async () => {
    const [order] = (await readExamples(root)).orders;
    if (!order) throw new Error('There are no examples.');
    const ending = (ends: typeof order.ends, status: string, onboarding = ''): Part => {
      const part = partOf({ ...order, ends });
      if (status === 'refused') return { ...part, refused: status };
      const stages = [{ key: 'intake', gate: 'form', status: 'waiting', round: 2 }];
      return {
        ...part,
        id: 'a',
        seen: { ...order, id: 'a', client: { name: '', email: '' }, stages, status, onboarding },
      };
    };
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
      ending('refused', 'live', 'approved'),
      ending('live', 'refused'),
    ];
    expect(surprises([...asMeant, ...others])).toHaveLength(others.length);
  });
});
