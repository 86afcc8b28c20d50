/** Why an order stands still: an answer for every product, stage and reason, and along ten thousand random walks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { days, hours, after as later } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { type Explanation, explain } from '../../workflows/telling/explain.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { after, troubled, worldOf } from '../support/between.ts';
import { admin, anOrder, asking, client, doer, given, orderworks, start, walk, waysThrough } from '../support/given.ts';
import { isMutating, tries } from '../support/many.ts';

const holders = ['client', 'agency', 'fulfillment', 'third_party', 'system', 'nobody'];
const now = later(start, hours(1));

/** What none of the walks may leave out. */
const mustBeTaken = [
  ...['assign', 'retry-stage', 'restart-stage', 'resolve-outcome', 'remind', 'recheck-stage', 'record-check'],
  ...['record-answer', 'tag-order', 'note-order', 'set-priority', 'set-due-date', 'delegate-approval', 'check-sla'],
  ...['request-grant', 'record-probe', 'attest-grant', 'refuse-grant', 'revoke-grant', 'set-subscription'],
];

/** What is wrong with an answer: nothing, of any. */
function faultsOf(why: Explanation, by: Date): string[] {
  const words = [why.blocker, why.unblock, ...why.tried, ...(why.next ? [why.next.what] : [])];
  const isEmpty = (text: string) => text.length < 6 || /unknown|undefined|null|NaN|\[object/i.test(text);
  const isTimely = why.since <= by && (why.next?.at ?? by) >= by;
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

/** A walk begins where all is well, where something from outside has come, or where the client has the decision. */
const beginnings = () => [
  states,
  states.flatMap(troubled),
  states.filter((order) => order.stages.some(({ waitingFor, approval }) => waitingFor === 'approval' && approval)),
];
const standings = ['unasked', 'asked', 'given'] as const;
const worlds = () =>
  beginnings().map((orders) => orders.flatMap((order) => standings.map((standing) => worldOf(order, standing))));

/** How long nothing happens before each turn. */
const pauses = [0, hours(2), days(2), days(9)];

describe('why an order stands still', () => {
  test('is answered at every step of every product', () => {
    for (const state of states) expect(faultsOf(explain(state, now), now)).toEqual([]);
  });

  test.skipIf(isMutating)(
    'is answered along ten thousand random walks',
    () => {
      const reasons = new Set<string>();
      const taken = new Set<string>();
      const from = fc.oneof(...worlds().map((some) => fc.constantFrom(...some)));
      fc.assert(
        fc.property(from, fc.array(fc.nat(10_000), { maxLength: 3 }), (begin, turns) => {
          let world = begin;
          let at = start;
          for (const turn of turns) {
            at = later(at, pauses[turn % pauses.length]!);
            world = after(world, Math.floor(turn / pauses.length), at);
          }
          const why = explain(world.order, later(at, hours(1)), world.account);
          const faults = faultsOf(why, later(at, hours(1)));
          if (faults.length > 0) throw new Error(`${JSON.stringify(why)} is at fault: ${faults.join()}`);
          reasons.add(why.blocker.replace(/"[^"]*"/g, '…'));
          for (const type of world.taken) taken.add(type);
        }),
        tries(10_000),
      );
      expect([...taken]).toEqual(expect.arrayContaining(mustBeTaken));
      for (const reason of [
        'paused',
        'not active',
        'expired',
        'No revision rounds',
        'was lost',
        'not reviewed',
        'in progress',
        'second person',
        'cancelled',
        'has to change',
      ]) {
        expect(
          [...reasons].some((words) => words.includes(reason)),
          reason,
        ).toBe(true);
      }
    },
    60_000,
  );

  test('names no time to come for what began to wait during a pause', () => {
    const at = (n: number) => later(start, hours(n));
    const shown = outOfRounds();
    const { round, hash = '' } = stateOf(shown, 'design_approval');
    const changes = { stage: 'design_approval', round, approval: 'a', hash, decision: 'changes' } as const;
    const paused = run(shown, { type: 'pause' }, asking(doer, 'Holiday.', at(1))).state;
    const waiting = run(paused, { type: 'decide-approval', ...changes }, asking(client, undefined, at(3))).state;
    const resumed = run(waiting, { type: 'resume' }, asking(doer, undefined, at(5))).state;
    expect(stateOf(resumed, 'design_approval').waitingFor).toBe('change-order');
    expect(explain(resumed, at(5)).since).toEqual(at(5));
  });

  test('names what was tried and what happens next, with its time', () => {
    const shown = walk(anOrder('google_ads'), 'client_approval');
    const at = { stage: 'client_approval', round: 1 } as const;
    const requested = given(shown).when({ type: 'record-approval', ...at, approval: 'a' }, orderworks).state;
    const delivered = { type: 'record-delivery', ...at, mail: 'm', seq: 1, outcome: 'delivered' } as const;
    const asked = given(requested).when(delivered, orderworks).state;
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
      .happened({ type: 'check-failed', stage: 'live', round: 1, rules: ['too_few_live'] });
    expect(stateOf(state, 'live').status).toBe('failed');
    expect(explain(state, now)).toMatchObject({
      holder: 'fulfillment',
      blocker: expect.stringContaining('must be live'),
    });
  });
});

describe('who reads why an order stands still', () => {
  const rescheduled = (days: number) => {
    const order = walk(anOrder('seo'), workflowFor('seo').stages.find(({ gate }) => gate === 'work')?.key);
    const { key } = order.stages.find(({ clock, holder }) => clock?.runningSince && holder === 'fulfillment')!;
    return { key, order, ...given(order).when({ type: 'reschedule', stage: key, days }, admin, 'Later.') };
  };

  test('is told when the budget ends now, though the timer still has the time from before', () => {
    const { order, state } = rescheduled(10);
    const [was, is] = [explain(order, now).next, explain(state, now).next];
    expect(is?.what).toBe(was?.what);
    expect(is!.at!.getTime()).toBeGreaterThan(was!.at!.getTime() + days(5));
    expect(state.timers?.['sla']?.at).toEqual(was?.at);
  });

  test('is never told as a client what is between us, at any step of any product', () => {
    const between = /\b(staff|fulfillment|the client|manager|agency|check of|gate|round \d|Latest note|evidence)\b/i;
    for (const state of states.flatMap((one) => [one, ...troubled(one)])) {
      const told = explain(state, now, { reader: 'client', grants: {} });
      const words = [told.blocker, told.unblock, told.next?.what ?? '', ...told.tried].join(' ');
      expect(words.match(between)?.[0], words).toBeUndefined();
      expect(faultsOf(told, now)).toEqual([]);
    }
  });

  test('is told as an operator also by which names it stands in the system', () => {
    const { order, key } = rescheduled(1);
    const told = explain(order, now, { reader: 'operator' });
    expect(told.blocker).toBe(explain(order, now).blocker);
    expect(told.tried.join(' ')).toContain(`Stage ${key}: gate work, round 1`);
    expect(told.tried.join(' ')).toMatch(/Timer sla, number \d+, rings at/);
  });
});
