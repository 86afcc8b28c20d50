/** The small things that everything is made of: rights, labels, times, joined calls, ink and escaped text. */
import { describe, expect, test } from 'vitest';
import type { Role } from '../../kernel/actor.ts';
import { inkOn } from '../../kernel/colour.ts';
import { effectId, newId, orderIdOf, sha256, workIdOf } from '../../kernel/ids.ts';
import { joined } from '../../kernel/joined.ts';
import { labelOf } from '../../kernel/labels.ts';
import { escapeHtml } from '../../kernel/markup.ts';
import { isAllowed, type Permission, table } from '../../kernel/rights.ts';
import { after, days, hours, minutes, seconds, systemClock } from '../../kernel/time.ts';

describe('a right', () => {
  const resources = ['order', 'setup', 'onboarding', 'store', 'job', 'queue', 'bulk', 'account', 'analytics'] as const;
  const rights = ['create', 'read', 'update', 'delete', 'manage'] as const;
  /** By the first letter of each right, in the order of `resources`. */
  const expected: Record<Role, string> = {
    order_admin: 'crudm crudm crudm crudm crudm crudm crudm crudm crudm',
    setup_manager: 'ru rum cru r cr r cru ru r',
    account_manager: 'r r r r r - - r r',
    fulfillment: 'r ru r - cr - - ru -',
  };

  test.each(Object.entries(expected))('of the role %s is what the table says', (role, said) => {
    const has = (permission: Permission) => isAllowed(role as Role, permission);
    const letters = resources.map((resource) =>
      rights
        .filter((right) => has({ right, resource }))
        .map((right) => right.charAt(0))
        .join(''),
    );
    expect(letters.map((some) => some || '-').join(' ')).toBe(said);
    expect(Object.keys(table[role as Role]).sort()).toEqual([...resources].sort());
  });
});

test.each([
  ['google_ads_customer_id', 'Google ads customer ID'],
  ['campaign_ids', 'Campaign IDs'],
  ['landing_url', 'Landing web address'],
  ['landing_urls', 'Landing web addresses'],
  ['nap', 'Business name, address and phone'],
  ['cms', 'CMS'],
  ['ga4_role', 'GA4 role'],
  ['km', 'Radius in km'],
  ['opened_on', 'Opened on'],
])('the label of %s is "%s"', (key, label) => {
  expect(labelOf(key)).toBe(label);
});

test('times are in milliseconds', () => {
  expect([seconds(2), minutes(2), hours(2), days(2)]).toEqual([2_000, 120_000, 7_200_000, 172_800_000]);
  expect(after(new Date(5), 10)).toEqual(new Date(15));
  expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(5_000);
});

describe('an id', () => {
  test('that is new is never the same', () => {
    expect(newId()).toMatch(/^[0-9A-Z]{26}$/);
    expect(newId()).not.toBe(newId());
  });

  test('of a request is the word of its caller, or new', () => {
    expect(workIdOf('key-1', 'again')).toBe(workIdOf('key-1', 'again'));
    expect(workIdOf('key-1', 'again')).toMatch(/^[0-9a-f]{40}$/);
    expect(workIdOf('key-2', 'again')).not.toBe(workIdOf('key-1', 'again'));
    expect(workIdOf('key-1', undefined)).not.toBe(workIdOf('key-1', undefined));
  });

  test('of an order and of an effect follow from what makes them', () => {
    expect(orderIdOf('w1')).toMatch(/^ord_[0-9a-f]{24}$/);
    expect(orderIdOf('w1')).toBe(orderIdOf('w1'));
    expect(orderIdOf('w2')).not.toBe(orderIdOf('w1'));
    expect(effectId('ord_1', 3, 0)).toBe('ord_1-3-0');
  });

  test('is hashed by SHA-256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('joined calls', () => {
  test('that come while one is under way go out together, a hundred at once', async () => {
    const sizes: number[] = [];
    const double = joined(async (inputs: number[]) => {
      sizes.push(inputs.length);
      return inputs.map((input) => input * 2);
    });
    const outputs = await Promise.all(Array.from({ length: 202 }, (_, index) => double(index)));
    expect(outputs).toEqual(Array.from({ length: 202 }, (_, index) => index * 2));
    expect(sizes).toEqual([1, 100, 100, 1]);
    expect(await double(7)).toBe(14);
  });

  test('fail alone', async () => {
    const call = joined(async (inputs: string[]) => {
      if (inputs.includes('bad')) throw new Error('No.');
      return inputs;
    });
    const answers = await Promise.allSettled(['first', 'good', 'bad', 'better'].map(call));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(call('bad')).rejects.toThrow('No.');
  });
});

test.each([
  ['#ffffff', '#000000'],
  ['#000000', '#ffffff'],
  ['#1f4e79', '#ffffff'],
  ['#777777', '#000000'],
  ['#737373', '#ffffff'],
  ['#ff0000', '#000000'],
  ['#00ff00', '#000000'],
  ['#0000ff', '#ffffff'],
  ['#bf0000', '#ffffff'],
])('the ink on %s is %s', (ground, ink) => {
  expect(inkOn(ground)).toBe(ink);
});

test('text is escaped for tags and for either kind of quotes', () => {
  expect(escapeHtml(`<b title="a" id='b'>R&D</b>`)).toBe(
    '&lt;b title=&quot;a&quot; id=&#39;b&#39;&gt;R&amp;D&lt;/b&gt;',
  );
  expect(escapeHtml('plain')).toBe('plain');
});
