/** Why an order stands still: an answer for every product, stage and reason, and along ten thousand random walks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours } from '../../kernel/time.ts';
import type { OrderCommand } from '../../workflows/commands.ts';
import { type Explanation, explain } from '../../workflows/explain.ts';
import { factsOf } from '../../workflows/facts.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { run } from '../../workflows/run.ts';
import { type OrderState, stateOf } from '../../workflows/state.ts';
import {
  admin,
  anOrder,
  asking,
  client,
  doer,
  given,
  orderworks,
  refusalOf,
  start,
  walk,
  waysThrough,
} from '../support/given.ts';

const holders = ['client', 'agency', 'fulfillment', 'third_party', 'system', 'nobody'];
const now = new Date(start.getTime() + hours(1));

/** What is wrong with an answer: nothing, of any. */
function faultsOf(why: Explanation): string[] {
  const words = [why.blocker, why.unblock, ...why.tried, ...(why.next ? [why.next.what] : [])];
  const isEmpty = (text: string) => text.length < 6 || /unknown|undefined|null|NaN|\[object/i.test(text);
  const isTimely = why.since <= now && (why.next?.at ?? now) >= now;
  return [...words.filter(isEmpty), ...(isTimely ? [] : ['time']), ...(holders.includes(why.holder) ? [] : ['holder'])];
}

/** Every state of the happy path of every product. */
const states: OrderState[] = Object.keys(products).flatMap((product) => {
  const passed = [anOrder(product, { tier: workflowFor(product).tiers.at(-1) })];
  for (let order = passed[0]!; order.stage; order = passed.at(-1)!) {
    for (const { command, actor } of waysThrough(order, order.stage)) {
      passed.push(run(passed.at(-1)!, command, asking(actor)).state);
    }
  }
  return passed;
});

/** A client that has used up the only change of its tier. */
function outOfRounds(): OrderState {
  const shown = walk(anOrder('site', { tier: 'basic' }), 'design_approval');
  const { round, hash = '' } = stateOf(shown, 'design_approval');
  const changes = {
    type: 'decide-approval',
    stage: 'design_approval',
    round,
    approval: 'a',
    hash,
    decision: 'changes',
  } as const;
  return walk(given(shown).when(changes, client).state, 'design_approval');
}

states.push(...Array.from({ length: 10 }, outOfRounds));

/** What may come between at any point, by somebody who may. */
function interruptions(state: OrderState): { command: OrderCommand; actor: typeof doer }[] {
  const stage = state.stage ?? state.stages[0]!.key;
  const { round, hash = '', approval = 'a' } = stateOf(state, stage);
  const [back = stage] = workflowFor(state.product).stages.find(({ key }) => key === stage)?.backTo ?? [];
  const by = (actor: typeof doer, ...commands: OrderCommand[]) => commands.map((command) => ({ command, actor }));
  return [
    ...by(
      doer,
      { type: 'begin-stage', stage },
      { type: 'send-back', stage, to: back },
      { type: 'pause' },
      { type: 'resume' },
      { type: 'reschedule', stage, days: -30 },
      { type: 'review-form', stage, decision: 'revise' },
    ),
    ...by(admin, { type: 'override-stage', stage, action: 'skip' }, { type: 'cancel' }, { type: 'complete-order' }),
    ...by(client, {
      type: 'decide-approval',
      stage,
      round,
      approval,
      hash,
      decision: 'changes',
      comment: 'Bluer, please.',
    }),
    ...by(
      orderworks,
      { type: 'expire-approval', stage, round },
      { type: 'check-sla', seq: state.timers?.['sla']?.seq ?? 1 },
    ),
    ...factsOf(workflowFor(state.product)).flatMap((fact) =>
      by(orderworks, { type: 'record-fact', fact, holds: false, seq: 1 }),
    ),
  ];
}

describe('why an order stands still', () => {
  test('is answered at every step of every product', () => {
    for (const state of states) expect(faultsOf(explain(state, now))).toEqual([]);
  });

  test('is answered along ten thousand random walks', () => {
    const reasons = new Set<string>();
    const from = fc.nat(states.length - 1);
    fc.assert(
      fc.property(from, fc.array(fc.nat(40), { maxLength: 2 }), (begin, turns) => {
        let state = states[begin]!;
        for (const turn of turns) {
          const offered = interruptions(state);
          const { command, actor } = offered[turn % offered.length]!;
          refusalOf(() => (state = run(state, command, asking(actor, 'Because it is so.')).state));
        }
        const why = explain(state, now);
        const faults = faultsOf(why);
        if (faults.length > 0) throw new Error(`${JSON.stringify(why)} is at fault: ${faults.join()}`);
        reasons.add(why.blocker.replace(/"[^"]*"/g, '…'));
      }),
      { numRuns: 10_000 },
    );
    for (const reason of [
      'paused',
      'not active',
      'expired',
      'used up',
      'was lost',
      'not reviewed',
      'being worked on',
      'second person',
      'cancelled',
      'has to change',
    ]) {
      expect(
        [...reasons].some((words) => words.includes(reason)),
        reason,
      ).toBe(true);
    }
  }, 60_000);

  test('names what was tried and what happens next, with its time', () => {
    const shown = walk(anOrder('google_ads'), 'client_approval');
    const asked = given(shown).when(
      { type: 'record-approval', stage: 'client_approval', round: 1, approval: 'a' },
      orderworks,
    ).state;
    expect(explain(asked, now)).toEqual({
      stage: 'client_approval',
      blocker: 'The client has not decided on "Approve plan and spend" yet.',
      unblock: 'The client approves, or asks for changes, on the approval page.',
      holder: 'client',
      since: start,
      tried: ['The approval was requested.'],
      next: {
        what: 'The client is reminded of "Approve plan and spend".',
        at: new Date('2026-03-02T22:00:00Z'),
      },
    });
  });

  test('names the check that failed, and who puts it right', () => {
    const order = walk(anOrder('listings'), 'live');
    const broken = {
      ...order,
      stages: order.stages.map((stage) =>
        stage.key === 'synced'
          ? { ...stage, data: { listings: [{ directory: 'yelp', id: 'abc', state: 'rejected', matches: false }] } }
          : stage,
      ),
    };
    const { state } = given(broken)
      .when({ type: 'run-check', stage: 'live', round: 1 }, orderworks)
      .happened('check-failed');
    expect(stateOf(state, 'live').status).toBe('failed');
    expect(explain(state, now)).toMatchObject({
      holder: 'fulfillment',
      blocker: expect.stringContaining('must be live'),
    });
  });
});
