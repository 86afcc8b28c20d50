/** What there is only so much of: places, slots, names and turns. However many ask at once, no more is given. */
import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../kernel/time.ts';
import { remindersPerDay } from '../../models/reminder-slot.ts';
import type { Slot } from '../../models/vendor-gate.ts';
import { at, later, race, twoProcesses, won } from './two-processes.ts';

const both = await twoProcesses();
const [one, other] = both;

describe('reminders to one address', () => {
  const reader = { email: 'cleo@client.example', date: '2026-03-02' };

  test('have as many places in a day as there are, and a mail keeps its place', async () => {
    const take = (n: number) => (n % 2 ? one : other).reminderSlots.take({ ...reader, work: `mail ${n}` }, at);
    const first = await race(both, 12, (_, n) => take(n));
    expect(won(first)).toBe(remindersPerDay);
    expect(await Promise.all(first.map((_, n) => take(n)))).toEqual(first);
  });

  test('have places of their own on another day, and whatever the address is written like', async () => {
    const next = { ...reader, date: '2026-03-03' };
    const emails = ['cleo@client.example', 'Cleo@Client.Example'];
    const taken = await race(both, 8, ({ reminderSlots }, n) =>
      reminderSlots.take({ ...next, email: emails[n % 2] ?? '', work: `later ${n}` }, at),
    );
    expect(won(taken)).toBe(remindersPerDay);
  });
});

describe('calls to a vendor', () => {
  const limit = 3;
  const enterAll = async (vendor: string, now = at) =>
    (await race(both, 12, ({ vendorGate }) => vendorGate.enter(vendor, limit, now))).flatMap((slot) => slot ?? []);

  /** Who came in when nobody was in may have been turned away by a neighbour; whoever comes again is let in. */
  async function fill(vendor: string, now = at): Promise<Slot[]> {
    const slots: Slot[] = [];
    for (let round = 0; slots.length < limit && round < 5; round += 1) slots.push(...(await enterAll(vendor, now)));
    return slots;
  }

  test('are as many at a time as they allow', async () => {
    const slots = await fill('crowded');
    expect(slots).toHaveLength(limit);
    expect(new Set(slots.map(({ _id }) => _id)).size).toBe(limit);
    expect(await enterAll('crowded')).toEqual([]);
  });

  test("a place that was left is one other's", async () => {
    const [slot] = await fill('left');
    await one.vendorGate.leave(slot!, at);
    expect(await enterAll('left')).toHaveLength(1);
  });

  test("whoever held a place too long has lost it, and takes away nobody's by leaving late", async () => {
    const slots = await fill('late');
    const next = later(minutes(2));
    expect(await fill('late', next)).toHaveLength(limit);
    await Promise.all(slots.map((slot) => other.vendorGate.leave(slot, next)));
    expect(await enterAll('late', next)).toEqual([]);
  });

  test('end for a while after five failures in a row, and one caller tries again', async () => {
    await race(both, 5, ({ vendorGate }) => vendorGate.failed('failing', at));
    expect(await one.vendorGate.closedUntil('failing', at)).toEqual(later(seconds(30)));
    const next = later(seconds(31));
    const answers = await race(both, 10, ({ vendorGate }) => vendorGate.closedUntil('failing', next));
    expect(answers.filter((until) => until === undefined)).toHaveLength(1);
  });

  test('a failure that is seen late never opens what they asked to keep closed', async () => {
    const until = later(minutes(30));
    await one.vendorGate.askedToWait('asked', until);
    await race(both, 6, ({ vendorGate }) => vendorGate.failed('asked', at));
    expect(await one.vendorGate.closedUntil('asked', at)).toEqual(until);
  });
});

describe("an order's own number", () => {
  test("is the order's that came first, and everybody hears whose", async () => {
    const holders = await race(both, 10, ({ orderReferences }, n) => orderReferences.claim('acme', 'PO-7', `ord_${n}`));
    expect(new Set(holders).size).toBe(1);
    expect(await one.orderReferences.claim('acme', 'PO-7', 'ord_late')).toBe(holders[0]);
    expect(await one.orderReferences.claim('other', 'PO-7', 'ord_other')).toBe('ord_other');
  });
});

describe('sending a mail', () => {
  const draft = (id: string) => ({
    _id: id,
    agency: 'nordlicht',
    account: 'acme',
    order: 'ord_1',
    template: 'live',
    recipient: { name: 'Cleo', email: 'cleo@client.example' },
    messageId: `<${id}@orderworks.example>`,
  });

  test('is begun by one, and the others see that it was', async () => {
    const answers = await race(both, 8, ({ notifications }, n) => notifications.begin(draft('ntf_1'), `turn ${n}`, at));
    expect(answers.filter((before) => before === undefined)).toHaveLength(1);
    const found = await one.notifications.get('ntf_1');
    const others = answers.flatMap((before) => before?.token ?? []);
    expect(others).toEqual(others.map(() => found?.token));
  });

  test('is taken up again by one; who was followed has no say any more', async () => {
    await one.notifications.begin(draft('ntf_2'), 'first', at);
    await one.notifications.lapse({ _id: 'ntf_2', token: 'first' } as never, at);
    const read = await one.notifications.get('ntf_2');
    const turns = await race(both, 8, ({ notifications }, n) => notifications.resume(read!, { next: `next ${n}` }, at));
    expect(won(turns)).toBe(1);
    expect(await other.notifications.end({ _id: 'ntf_2', token: 'first' }, { state: 'failed' }, at)).toBeNull();
    expect(await one.notifications.get('ntf_2')).toMatchObject({ state: 'sending', tries: 2 });
  });

  test('who lapsed and was not followed may still say that it went out', async () => {
    await one.notifications.begin(draft('ntf_3'), 'only', at);
    await one.notifications.lapse({ _id: 'ntf_3', token: 'only' } as never, at);
    const ended = await other.notifications.end({ _id: 'ntf_3', token: 'only' }, { state: 'sent' }, at);
    expect(ended).toMatchObject({ state: 'sent', sentAt: at, wasUnknown: true });
  });
});
