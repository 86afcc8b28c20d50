/** Business time, and the budget that only runs while the ball is ours: across pauses, weekends, holidays and clock changes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours, minutes } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { addBusiness, businessBetween, type Calendar, calendars, dayOf } from '../../workflows/time/business-time.ts';
import { spentBy } from '../../workflows/time/clock.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, client, doer, orderworks, refusalOf, start, waysThrough } from '../support/given.ts';
import { tries } from '../support/many.ts';

const usEast: Calendar = calendars['us-east'];
const roundTheClock: Calendar = {
  ...usEast,
  name: 'all',
  opens: 0,
  closes: 24,
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  holidays: '',
};
const utc = (text: string) => new Date(`${text}Z`);

describe('business time', () => {
  test.each([
    ['a whole day', '2026-03-02T00:00', '2026-03-03T00:00', 8],
    ['before opening to after closing', '2026-03-02T13:00', '2026-03-02T23:00', 8],
    ['a part of a day', '2026-03-02T15:00', '2026-03-02T16:30', 1.5],
    ['a weekend', '2026-03-07T05:00', '2026-03-09T04:00', 0],
    ['Friday noon to Monday noon', '2026-03-06T17:00', '2026-03-09T16:00', 8],
    ['Independence Day, observed on the Friday before', '2026-07-03T04:00', '2026-07-04T04:00', 0],
    ['Christmas', '2026-12-25T05:00', '2026-12-26T05:00', 0],
    ['backwards', '2026-03-03T00:00', '2026-03-02T00:00', 0],
  ])('of %s', (_, from, to, expected) => {
    expect(businessBetween(usEast, utc(from), utc(to)) / hours(1)).toBe(expected);
  });

  test('follows the clocks when they change', () => {
    const monday = (date: string) => addBusiness(usEast, utc(`${date}T05:00`), hours(1)).toISOString();
    expect(monday('2026-03-02')).toBe('2026-03-02T15:00:00.000Z');
    expect(monday('2026-03-09')).toBe('2026-03-09T14:00:00.000Z');
  });

  test('gives the days of a change the hours that they really have', () => {
    const all = (from: string, to: string) => businessBetween(roundTheClock, utc(from), utc(to)) / hours(1);
    expect(all('2026-03-08T05:00', '2026-03-09T04:00')).toBe(23);
    expect(all('2026-11-01T04:00', '2026-11-02T05:00')).toBe(25);
  });

  test.each(Object.values(calendars))('in $name adds up, and runs back to where it came from', (calendar) => {
    const instant = fc.date({ min: utc('2026-01-01T00:00'), max: utc('2026-12-31T00:00'), noInvalidDate: true });
    const span = fc.integer({ min: 0, max: dayOf(calendar) * 12 });
    fc.assert(
      fc.property(instant, fc.nat(40 * 24 * 60), span, (from, gap, ms) => {
        const middle = new Date(from.getTime() + minutes(gap));
        const end = addBusiness(calendar, middle, ms);
        expect(businessBetween(calendar, middle, end)).toBe(ms);
        const parts = businessBetween(calendar, from, middle) + businessBetween(calendar, middle, end);
        expect(parts).toBe(businessBetween(calendar, from, end));
      }),
      tries(60),
    );
  });
});

/** An order that walks with the hands of a clock: every command takes place `gap` minutes after the last. */
function walking(product: string, gaps: number[], pauses: boolean[]): { order: OrderState; at: Date } {
  let order = anOrder(product);
  let at = start;
  const go = (command: OrderCommand, actor = admin) => {
    at = new Date(at.getTime() + minutes(gaps.shift() ?? 0));
    order = run(order, command, asking(actor, 'Because.', at)).state;
  };
  for (const pause of pauses) {
    if (!order.stage) break;
    if (pause) go({ type: 'pause' });
    if (pause) go({ type: 'resume' });
    for (const { command, actor } of waysThrough(order, order.stage)) go(command, actor);
  }
  return { order, at: new Date(at.getTime() + minutes(gaps.shift() ?? 0)) };
}

const gaps = fc.array(fc.nat(5 * 24 * 60), { minLength: 40, maxLength: 40 });
const pauses = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });

describe('the budget of a stage', () => {
  test('is spent by nobody but us', () => {
    const waiting = anOrder('google_ads');
    expect(waiting.slaDueAt).toBeNull();
    expect(spentBy(waiting, stateOf(waiting, 'intake'), addBusiness(usEast, start, hours(80)))).toBe(0);
  });

  test('is due after its business days', () => {
    expect(anOrder('listings').slaDueAt).toEqual(utc('2026-03-02T22:00'));
  });

  test('is as much as the ledger says we had the ball', () => {
    fc.assert(
      fc.property(gaps, pauses, (minutesBetween, paused) => {
        const { order, at } = walking('google_ads', [...minutesBetween], paused);
        const ledger = order.ledger ?? [];
        const held = ledger.map(({ holder, at: from }, index) => {
          const isOurs = holder === 'fulfillment' || holder === 'system';
          return isOurs ? businessBetween(usEast, from, ledger[index + 1]?.at ?? at) : 0;
        });
        const spent = order.stages.map((stage) => spentBy(order, stage, at));
        expect(sum(spent)).toBe(sum(held));
      }),
      tries(80),
    );
  });

  test('does not change by a pause, however long', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(60 * 24 * 60), fc.nat(3000), (before, pause, after) => {
        const paused = new Date(start.getTime() + minutes(before));
        const resumed = new Date(paused.getTime() + minutes(pause));
        const end = new Date(resumed.getTime() + minutes(after));
        const held = run(anOrder('listings'), { type: 'pause' }, asking(doer, 'Wait.', paused)).state;
        expect(held.slaDueAt).toBeNull();
        const order = run(held, { type: 'resume' }, asking(doer, undefined, resumed)).state;
        const worked = businessBetween(usEast, start, paused) + businessBetween(usEast, resumed, end);
        expect(spentBy(order, stateOf(order, 'nap_confirmed'), end)).toBe(worked);
      }),
      tries(80),
    );
  });

  test('grows by the days it is given, and the entry stays', () => {
    const order = anOrder('listings');
    const command = { type: 'reschedule', stage: 'nap_confirmed', days: 2 } as const;
    expect(refusalOf(() => run(order, command, asking(doer)))?.code).toBe('reason_required');
    const { state, events } = run(order, command, asking(doer, 'The client is away.'));
    expect(events).toContainEqual({ type: 'stage-rescheduled', stage: 'nap_confirmed', round: 1, days: 2 });
    expect(state.slaDueAt).toEqual(utc('2026-03-04T22:00'));
  });
});

/** The timer of that name, as it was last asked for. */
const timerIn = ({ effects }: ReturnType<typeof run>, name: string) =>
  effects.flatMap((effect) => (effect.type === 'timer' && effect.name === name ? [effect] : []))[0];

describe('the timer of a budget', () => {
  const begun = run(
    undefined,
    {
      type: 'create-order',
      product: 'listings',
      tier: 'basic',
      options: {},
      source: 'manual',
      title: 'T',
      client: { name: 'Cleo', email: 'cleo@example.com' },
    },
    asking(admin),
  );
  const ring = (order: OrderState, at: Date) =>
    run(order, { type: 'check-sla', seq: order.timers?.['sla']?.seq ?? 0 }, asking(orderworks, undefined, at));

  test('warns at four fifths, tells of the breach, escalates a day later, and then is silent', () => {
    const first = timerIn(begun, 'sla')!;
    const warned = ring(begun.state, first.at);
    const breached = ring(warned.state, timerIn(warned, 'sla')!.at);
    const escalated = ring(breached.state, timerIn(breached, 'sla')!.at);
    const rung = (change: ReturnType<typeof run>) =>
      change.events.map(({ type }) => type).find((type) => type.startsWith('sla-'));
    expect([warned, breached, escalated].map(rung)).toEqual(['sla-warned', 'sla-breached', 'sla-escalated']);
    expect(timerIn(breached, 'sla')!.at).toEqual(utc('2026-03-03T22:00'));
    expect(timerIn(escalated, 'sla')).toBeUndefined();
  });

  test('does nothing when it rings under an old number', () => {
    const { state } = ring(begun.state, timerIn(begun, 'sla')!.at);
    expect(refusalOf(() => run(state, { type: 'check-sla', seq: 1 }, asking(orderworks)))?.code).toBe('superseded');
  });

  test('is set anew, under the next number, when it rings too early', () => {
    const early = ring(begun.state, new Date(start.getTime() + minutes(5)));
    expect(early.events.map(({ type }) => type)).toEqual(['sla-checked', 'timer-set']);
    expect(timerIn(early, 'sla')).toMatchObject({ seq: 2 });
  });

  test('is set anew with the rest when a paused order goes on', () => {
    const paused = run(
      begun.state,
      { type: 'pause' },
      asking(doer, 'Wait.', new Date(start.getTime() + hours(1))),
    ).state;
    expect(refusalOf(() => ring(paused, start))?.code).toBe('superseded');
    const resumed = run(paused, { type: 'resume' }, asking(doer, undefined, new Date(start.getTime() + hours(25))));
    expect(timerIn(resumed, 'sla')).toMatchObject({ seq: 2, at: utc('2026-03-03T20:24') });
  });
});

describe('the timer of an approval', () => {
  const shown = ['intake', 'access_granted', 'tracking_installed', 'campaign_plan'].reduce(
    (order, key) =>
      waysThrough(order, key).reduce((now, { command, actor }) => run(now, command, asking(actor)).state, order),
    anOrder('google_ads'),
  );
  const expire = (seq: number): OrderCommand => ({ type: 'expire-approval', stage: 'client_approval', round: 1, seq });

  test('rings after twice the days that the client is given', () => {
    expect(shown.timers?.['expiry-client_approval']).toMatchObject({ seq: 1, at: utc('2026-03-13T21:00') });
  });

  test('ends with the decision', () => {
    const { round, hash = '' } = stateOf(shown, 'client_approval');
    const approve = {
      type: 'decide-approval',
      stage: 'client_approval',
      round,
      approval: 'a',
      hash,
      decision: 'approve',
    } as const;
    const { state } = run(shown, approve, asking(client));
    expect(state.timers?.['expiry-client_approval']).toEqual({ seq: 1 });
    expect(refusalOf(() => run(state, expire(1), asking(orderworks)))?.code).toBe('superseded');
  });

  test('stands still while the order is paused', () => {
    const paused = run(shown, { type: 'pause' }, asking(doer, 'Wait.')).state;
    const later = new Date(start.getTime() + hours(7 * 24));
    const resumed = run(paused, { type: 'resume' }, asking(doer, undefined, later)).state;
    expect(refusalOf(() => run(resumed, expire(1), asking(orderworks)))?.code).toBe('superseded');
    expect(resumed.timers?.['expiry-client_approval']).toMatchObject({ seq: 2, at: utc('2026-03-23T14:00') });
    expect(run(resumed, expire(2), asking(orderworks)).state.holder).toBe('agency');
  });
});

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
