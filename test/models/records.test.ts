/** Small records that many write at a time: nobody's fields are written over by somebody who did not mean them. */
import { describe, expect, test } from 'vitest';
import { chain, genesis } from '../../kernel/history.ts';
import { days } from '../../kernel/time.ts';
import type { Head, Page } from '../../models/bulk-items.ts';
import { aChange, at, later, race, twoProcesses, won } from './two-processes.ts';

const both = await twoProcesses();
const [one, other] = both;

describe('a record', () => {
  test('keeps the fields that others changed at the same time', async () => {
    await one.staff.put({ _id: 'ada', name: 'Ada', email: 'ada@agency.example', capacity: 1 });
    const changes = [
      { set: { name: 'Ada L.' } },
      { set: { email: 'al@agency.example' } },
      { unset: ['capacity' as const] },
    ];
    await race(both, 9, ({ staff }, n) => staff.change('ada', changes[n % 3] ?? {}));
    expect(await one.staff.get('ada')).toStrictEqual({ _id: 'ada', name: 'Ada L.', email: 'al@agency.example' });
  });

  test('of an account keeps them too, and its history has a line for each', async () => {
    const contact = { name: 'Cleo', email: 'cleo@client.example' };
    const profile = { agency: 'nordlicht', name: 'Acme', timeZone: 'Europe/Berlin', country: 'DE', contact };
    await one.accounts.put({ _id: 'acme', ...profile });
    const read = await one.accounts.get('acme');
    await Promise.all([
      one.accounts.change(read!, { name: 'Acme Ltd' }),
      other.accounts.change(read!, { timeZone: 'Europe/Paris' }),
    ]);
    const now = await one.accounts.get('acme');
    expect(now).toMatchObject({ ...profile, name: 'Acme Ltd', timeZone: 'Europe/Paris', version: 3 });
    expect(now?.history).toHaveLength(3);
  });

  test("of a submission is the first one's, and the others see it", async () => {
    const response = { agency: 'nordlicht', account: 'acme', order: 'ord_1', stage: 'form', round: 1, link: 'lnk_1' };
    const saved = await race(both, 6, ({ responses }, n) =>
      responses.save({ _id: 'rsp_1', ...response, answers: { n }, hash: `hash ${n}`, at }),
    );
    expect(new Set(saved.map(({ hash }) => hash)).size).toBe(1);
    expect(await one.responses.get('rsp_1')).toEqual(saved[0]);
  });
});

describe('an API key', () => {
  test('is revoked once, and is of no use from then on', async () => {
    const { key, id } = await one.apiKeys.issue({ name: 'CI', type: 'service', role: 'order_admin' }, at);
    expect((await other.apiKeys.find(key, at))?._id).toBe(id);
    expect(won(await race(both, 6, ({ apiKeys }) => apiKeys.revoke(id, at)))).toBe(1);
    expect(await other.apiKeys.find(key, at)).toBeUndefined();
  });
});

describe('the audit', () => {
  const { entry } = aChange('some work');
  const line = chain(entry, 1, genesis);

  test('takes a line once, however many bring it', async () => {
    expect((await race(both, 6, ({ audit }) => audit.add('order.same', [line]))).flat()).toEqual([]);
    expect(await one.audit.read('order.same', 1, 10)).toHaveLength(1);
  });

  test('of two lines with one number keeps the first, and says to the second which', async () => {
    const forged = chain({ ...entry, work: 'other work' }, 1, genesis);
    const answers = await Promise.all([one.audit.add('order.fork', [line]), other.audit.add('order.fork', [forged])]);
    const [kept] = await one.audit.read('order.fork', 1, 10);
    expect(answers.map((forked) => forked.length).sort()).toEqual([0, 1]);
    expect(answers.flat()).toEqual([kept]);
  });
});

describe('a page of a bulk operation', () => {
  const item = { order: 'ord_1', version: 1, verdict: 'will_change' as const };
  const page: Omit<Page, '_id' | 'rev'> = { operation: 'op_1', n: 0, items: [item], expireAt: later(days(30)) };
  const counts = { succeeded: 0, skipped: 0, failed: 0 } as unknown as Head['counts'];

  test('that is planned twice is the first plan, and is saved by one of those who read it', async () => {
    const planned = await race(both, 6, ({ bulkItems }, n) =>
      bulkItems.addPage({ ...page, items: [{ ...item, version: n + 1 }] }),
    );
    const read = await one.bulkItems.page('op_1', 0);
    expect(planned.map(({ items }) => items)).toEqual(planned.map(() => read?.items));
    const saved = await race(both, 6, ({ bulkItems }, n) =>
      bulkItems.save({ ...read!, items: [{ ...item, line: n }] }, { counts, closed: n }),
    );
    expect(won(saved)).toBe(1);
    const line = (await one.bulkItems.page('op_1', 0))?.items[0]?.line;
    expect(saved.indexOf(true)).toBe(line);
  });
});
