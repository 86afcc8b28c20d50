/** A gate that only this test has, walked through an order: the engine asks a gate and knows none by its name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hours } from '../../kernel/time.ts';
import { migrate } from '../../workflows/engine/migrate.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, doer, given, leaving, staff, start, walk, waysThrough } from '../support/given.ts';
import { deposit, sellShop, shopWith, stopSelling } from '../support/payment/shop.ts';
import { nextTimer, untilNothingRings } from '../support/silence.ts';

beforeAll(() => sellShop(shopWith(deposit)));
afterAll(stopSelling);

const cashier = staff('cashier');
const unpaid = (): OrderState => walk(anOrder('shop'), 'deposit');
const paying = (amount = 5_000) =>
  ({ type: 'complete-stage', stage: 'deposit', data: { amount, reference: 'bank-17' } }) as const;
const paid = (): OrderState => given(unpaid()).when(paying(), cashier).state;

describe('a stage with a payment gate', () => {
  test('asks the client when its turn has come, and waits for them', () => {
    const order = walk(anOrder('shop'), 'intake');
    const { state, effects } = lastStep(order);
    expect(stateOf(state, 'deposit')).toMatchObject({ status: 'waiting', holder: 'client', waitingFor: 'payment' });
    expect(effects).toContainEqual({
      ...{ type: 'notify', template: 'payment-requested', stage: 'deposit' },
      ...{ recipient: state.client, data: { deposit: '5000' } },
    });
  });

  test('is left with what was asked for, and keeps the hash of the price', () => {
    const before = stateOf(unpaid(), 'deposit').hash;
    const { state } = given(unpaid()).when(paying(), cashier);
    expect(stateOf(state, 'deposit')).toMatchObject({ status: 'done', doer: 'cashier', hash: before });
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(walk(state).status).toBe('live');
  });

  test('refuses another amount, another person and the ways of other gates', () => {
    const short = given(unpaid()).refuses(paying(4_999), 'exit_data_invalid', { actor: cashier });
    expect(short.errors).toEqual([{ pointer: '/data/amount', rule: 'not_the_deposit', message: 'Enter 5000.' }]);
    given(unpaid()).refuses(paying(), 'forbidden', { actor: doer });
    const { message } = given(unpaid()).refuses({ type: 'begin-stage', stage: 'deposit' }, 'wrong_gate');
    expect(message).toBe(
      'Stage "deposit" has the gate "payment": the client pays, and somebody who leads the order records it.',
    );
    given(paid()).refuses(paying(), 'stage_finished', { actor: cashier });
  });

  test('reminds the client, then the manager, and stops when it is paid', () => {
    const { tells, state } = untilNothingRings(unpaid());
    const own = tells.filter(({ about }) => about === 'payment').map(({ template, to }) => `${template} ${to}`);
    expect(own).toEqual(['reminder-payment client', 'client-silent manager']);
    expect(alarmsOf(workflowFor('shop'), state)).toContainEqual(
      expect.objectContaining({ kind: 'payment-overdue', what: '"Deposit" is overdue.' }),
    );
    const names = Object.entries(paid().timers ?? {}).flatMap(([name, { at }]) => (at ? [name] : []));
    expect(names).not.toContain('reminder-deposit');
  });

  test('is explained in the words of its gate', () => {
    expect(explain(unpaid(), start)).toMatchObject({
      ...{ stage: 'deposit', holder: 'client', blocker: '"Deposit" is not paid.' },
      unblock: 'The client pays; somebody who leads the order records it.',
      next: { what: 'The client is reminded of "Deposit".', at: nextTimer(unpaid())?.at },
    });
    const { state } = untilNothingRings(unpaid());
    expect(explain(state, start).blocker).toBe('"Deposit" is not paid, after a reminder.');
  });

  test('is asked for again by an undo that brings it back, under a new round', () => {
    const cancelled = run(unpaid(), { type: 'cancel' }, asking(admin, 'A mistake.')).state;
    const undo = { type: 'restore-values', operation: 'blk_1', fields: changesOf(unpaid(), cancelled) } as const;
    const then = given(cancelled).when(undo, admin, 'Not a mistake.');
    expect(then.effects).toContainEqual(expect.objectContaining({ template: 'payment-requested' }));
    expect(stateOf(then.state, 'deposit')).toMatchObject({ status: 'waiting', round: 2 });
  });

  test('is kept by a restart once it is paid, and stops one while nobody knows', () => {
    const restart = { type: 'restart-stage', stage: 'intake' } as const;
    const again = run(paid(), restart, asking(admin, 'Other answers.')).state;
    expect(stateOf(leaving(again, 'intake'), 'deposit')).toMatchObject({ status: 'done', doer: 'cashier' });
    given(unpaid()).refuses(restart, 'outcome_unknown', { actor: admin, reason: 'Other answers.' });
  });

  test('stays open in a migration, and is asked for again where the price is another', () => {
    const plan = { from: workflowFor('shop'), to: shopWith({ ...deposit, title: 'Down payment' }, 2) };
    const kept = migrate(plan, unpaid(), start);
    expect(stateOf(kept.change!.state, 'deposit')).toMatchObject({ status: 'waiting', round: 1 });
    const dearer: OrderState = { ...unpaid(), options: { deposit: 9_000 } };
    const moved = migrate(plan, dearer, new Date(start.getTime() + hours(1)));
    expect(stateOf(moved.change!.state, 'deposit')).toMatchObject({ status: 'waiting', round: 2 });
    expect(moved.change?.effects).toContainEqual(expect.objectContaining({ data: { deposit: '9000' } }));
  });

  test('makes a graph wrong that declares what it cannot have', () => {
    expect(() => shopWith({ ...deposit, rules: [] })).toThrow(
      'Stage "deposit" asks for a payment but compares it with nothing.',
    );
    expect(() => shopWith({ ...deposit, check: () => [] })).toThrow('Stage "deposit" has a check');
    const { exit: _, ...open } = deposit;
    expect(() => shopWith(open)).toThrow('Stage "deposit" can be left with anything');
  });
});

/** The change that leaves the first stage. */
function lastStep(order: OrderState) {
  const ways = waysThrough(order, 'intake').slice(0, -1);
  const inReview = ways.reduce((now, { command, actor }) => run(now, command, asking(actor)).state, order);
  return run(inReview, { type: 'review-form', stage: 'intake', decision: 'approve' }, asking(cashier));
}
