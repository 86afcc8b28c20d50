/** What is looked at outside, as rules: what a result means, which result is still heard, and when it is looked at again. */
import { describe, expect, test } from 'vitest';
import { days, hours, minutes } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { defineWorkflow } from '../../workflows/graph/define.ts';
import type { StageDefinition } from '../../workflows/graph/stage.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf, noOptions } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  aHash,
  anOrder,
  asking,
  checker,
  client,
  doer,
  given,
  orderworks,
  refusalOf,
  start,
  walk,
} from '../support/given.ts';
import { checked, failing, holding, looksOf, untold } from '../support/looks.ts';

const later = (ms: number): Date => new Date(start.getTime() + ms);
const recheck = (stage: string): OrderCommand => ({ type: 'recheck-stage', stage });
const complete = (product: string, stage: string): OrderCommand => {
  const declared = workflowFor(product).stages.find(({ key }) => key === stage);
  return { type: 'complete-stage', stage, data: declared ? exampleOf(declared) : {} };
};
/** The look that is due now, as its timer asks for it. */
const due = (state: OrderState, stage: string): OrderCommand => {
  const { seq = 0 } = state.timers?.[`look-${stage}`] ?? {};
  return { type: 'recheck-stage', stage, round: stateOf(state, stage).round, seq };
};

describe('a stage that the system leaves by itself', () => {
  const entered = () => walk(anOrder('content'), 'live');

  test('asks for a check as it is entered, and names it as the next act', () => {
    const before = walk(anOrder('content'), 'publish');
    given(before)
      .when(complete('content', 'publish'))
      .happened(
        { type: 'stage-completed', stage: 'publish', round: 1, by: 'doer', hash: aHash },
        { type: 'stage-entered', stage: 'live', round: 1, status: 'ready', holder: 'system' },
        { type: 'check-asked', stage: 'live', round: 1, attempt: 1, tries: 0 },
      )
      .asksFor({ type: 'check', stage: 'live', round: 1, attempt: 1 });
    expect(explain(entered(), start)).toMatchObject({
      holder: 'system',
      blocker: '"Live" is being checked.',
      next: { what: 'The system checks "Live".' },
    });
  });

  test('is completed by nobody', () => {
    given(entered()).refuses(complete('content', 'live'), 'wrong_gate');
    given(entered()).refuses(checked(entered(), 'live'), 'forbidden', { actor: client });
  });

  test('is done by an Order Admin who overrides it with a reason', () => {
    const override = { type: 'override-stage', stage: 'live', action: 'complete' } as const;
    expect(given(entered()).when(override, admin, 'Seen by hand.').state.status).toBe('live');
  });

  test('has nothing to look at when all was delivered as files, and is done at once when that is told', () => {
    const items = [{ how: 'delivered-as-file', title: 'One', file: 'https://example.com/one.docx' }];
    const before = walk(anOrder('content'), 'publish');
    const { state } = given(before).when({ type: 'complete-stage', stage: 'publish', data: { items } });
    expect(looksOf(state, 'live')).toEqual([]);
    expect(given(state).when(checked(state, 'live'), orderworks).state.status).toBe('live');
  });

  test('fails with the rule when what was found is not what it can be left with', () => {
    const order = entered();
    const odd = checked(order, 'live', (look) => ({ ...holding(look), facts: { status: 'fine' } }));
    const { state } = given(order)
      .when(odd, orderworks)
      .happened({ type: 'check-failed', stage: 'live', round: 1, attempt: 1, rules: ['exit_data_invalid'] });
    expect(stateOf(state, 'live')).toMatchObject({ status: 'failed', note: expect.stringContaining('/status') });
  });
});

describe('a record of a person', () => {
  const at = () => walk(anOrder('google_ads'), 'tracking_installed');
  const kept = () => given(at()).when(complete('google_ads', 'tracking_installed')).state;

  test('is kept, and the stage is done in their name when it has been seen', () => {
    given(at())
      .when(complete('google_ads', 'tracking_installed'))
      .happened(
        { type: 'stage-recorded', stage: 'tracking_installed', round: 1, by: 'doer', hash: aHash },
        { type: 'check-asked', stage: 'tracking_installed', round: 1, attempt: 1, tries: 0 },
      )
      .asksFor({ type: 'check', stage: 'tracking_installed', round: 1, attempt: 1 });
    const { state } = given(kept()).when(checked(kept(), 'tracking_installed'), orderworks);
    expect(stateOf(state, 'tracking_installed')).toMatchObject({ status: 'done', doer: doer.id });
    expect(state.milestones).toContain('tracking.installed');
  });

  test('is not taken while another is looked at; when nothing has come of that for ten minutes, it is', () => {
    const again = complete('google_ads', 'tracking_installed');
    given(kept()).refuses(again, 'request_underway', { actor: checker });
    const change = run(kept(), again, asking(checker, undefined, later(minutes(11))));
    expect(stateOf(change.state, 'tracking_installed')).toMatchObject({ doer: checker.id, check: { attempt: 2 } });
    const first = checked(kept(), 'tracking_installed');
    expect(refusalOf(() => run(change.state, first, asking(orderworks)))?.code).toBe('superseded');
  });

  test('that is not so stops the stage, and nobody gets past it without another look', () => {
    const { state } = given(kept()).when(checked(kept(), 'tracking_installed', failing), orderworks);
    expect(stateOf(state, 'tracking_installed').status).toBe('failed');
    const override = { type: 'override-stage', stage: 'tracking_installed', action: 'complete' } as const;
    given(state).refuses(override, 'not_skippable', { actor: admin, reason: 'I believe it.' });
    given(state)
      .when(recheck('tracking_installed'))
      .happened({ type: 'check-asked', stage: 'tracking_installed', round: 1, attempt: 2, tries: 0 })
      .asksFor({ type: 'check', stage: 'tracking_installed', round: 1, attempt: 2 });
  });

  test('is looked at under a round by the timer alone, which goes round no rule', () => {
    const asked = { type: 'recheck-stage', stage: 'link_verified', round: 1 } as const;
    for (const actor of [admin, doer, { type: 'service', id: 'intake' } as const]) {
      const refusal = given(walk(anOrder('backlinks'))).refuses(asked, 'invalid_request', { actor });
      expect(refusal.errors).toMatchObject([{ pointer: '/round' }]);
    }
    given(walk(anOrder('backlinks')))
      .when(asked, orderworks)
      .happened({ type: 'check-asked', stage: 'link_verified', round: 1, attempt: 2, tries: 0 });
  });

  test('is looked at only once there is one', () => {
    given(at()).refuses(recheck('tracking_installed'), 'stage_not_ready');
    given(walk(anOrder('google_ads'), 'campaign_plan')).refuses(recheck('campaign_plan'), 'wrong_gate');
    given(walk(anOrder('google_ads'), 'client_approval')).refuses(recheck('client_approval'), 'wrong_gate');
    given(at()).refuses(recheck('live'), 'stage_not_ready');
  });

  test('comes to nothing when the fact that the stage needs is lost, and is looked at anew on its return', () => {
    const lost = { type: 'record-fact', fact: 'grant.analytics', holds: false, seq: 1 } as const;
    const blocked = given(kept()).when(lost, orderworks).state;
    given(blocked).refuses(checked(kept(), 'tracking_installed'), 'superseded', { actor: orderworks });
    const back = given(blocked)
      .when({ ...lost, holds: true, seq: 2 }, orderworks)
      .asksFor({ type: 'check', stage: 'tracking_installed', round: 1, attempt: 1 }).state;
    given(back).when(checked(back, 'tracking_installed'), orderworks);
  });

  test('is heard during a pause, and the order stays where it is', () => {
    const paused = given(kept()).when({ type: 'pause' }, admin, 'Wait.').state;
    const { state } = given(paused).when(checked(paused, 'tracking_installed'), orderworks);
    expect(stateOf(state, 'tracking_installed').status).toBe('done');
    expect(stateOf(state, 'campaign_plan').status).toBe('locked');
  });
});

describe('a later look', () => {
  const failed = () => {
    const order = walk(anOrder('content'), 'live');
    return given(order).when(checked(order, 'live', failing), orderworks).state;
  };

  test.each([failing, untold])('comes by itself five times, further and further apart: %o', (find) => {
    let state = walk(anOrder('content'), 'live');
    let at = start;
    for (const wait of [minutes(5), hours(1), hours(6), days(1), days(3)]) {
      state = run(state, checked(state, 'live', find), asking(orderworks, undefined, at)).state;
      expect(state.timers?.['look-live']?.at).toEqual(new Date(at.getTime() + wait));
      at = new Date(at.getTime() + wait);
      state = run(state, due(state, 'live'), asking(orderworks, undefined, at)).state;
      expect(stateOf(state, 'live')).toMatchObject({ status: 'waiting', check: { isUnderway: true } });
    }
    state = run(state, checked(state, 'live', find), asking(orderworks, undefined, at)).state;
    expect(state.timers?.['look-live']?.at).toBeUndefined();
    expect(stateOf(state, 'live')).toMatchObject({ status: 'failed', holder: 'fulfillment' });
  });

  test('is void when staff have asked for one meanwhile', () => {
    const state = failed();
    const asked = given(state).when(recheck('live')).state;
    given(asked).refuses(due(state, 'live'), 'superseded', { actor: orderworks });
    given(asked).refuses(recheck('live'), 'request_underway');
  });

  test('waits for the end of a pause', () => {
    const state = failed();
    const paused = given(state).when({ type: 'pause' }, admin, 'Wait.').state;
    given(paused).refuses(due(state, 'live'), 'superseded', { actor: orderworks });
    const resumed = given(paused).when({ type: 'resume' }, admin).state;
    given(resumed)
      .when(due(resumed, 'live'), orderworks)
      .asksFor({ type: 'check', stage: 'live', round: 1, attempt: 2 });
  });
});

describe('placed links of a live order', () => {
  const live = () => walk(anOrder('backlinks'));
  const week = later(days(7));
  const looking = () => run(live(), due(live(), 'link_verified'), asking(orderworks, undefined, week)).state;

  test('are looked at again after 7, 30 and 90 days, which the order says', () => {
    let state = live();
    for (const day of [7, 30, 90]) {
      const at = later(days(day));
      expect(state.timers?.['look-link_verified']?.at).toEqual(at);
      expect(explain(state, start).next).toEqual({ what: 'The system checks "Verify the links" again.', at });
      state = run(state, due(state, 'link_verified'), asking(orderworks, undefined, at)).state;
      state = run(state, checked(state, 'link_verified'), asking(orderworks, undefined, at)).state;
      expect(state.status).toBe('live');
    }
    expect(explain(state, start).next).toBeUndefined();
  });

  /** The order after a look at that time, which its timer or a person has asked for. */
  const looked = (state: OrderState, find: typeof failing, at: Date, who = orderworks): OrderState => {
    const asked = who === orderworks ? due(state, 'link_verified') : recheck('link_verified');
    const seen = run(state, asked, asking(who, undefined, at)).state;
    return run(seen, checked(seen, 'link_verified', find), asking(orderworks, undefined, at)).state;
  };
  const hoursOn = (n: number) => new Date(week.getTime() + hours(n));

  test('stay live when one is missing once, which the order says, and are looked at again hours later', () => {
    const state = looked(live(), failing, week);
    expect(state.status).toBe('live');
    expect(stateOf(state, 'link_verified')).toMatchObject({ status: 'done', round: 1, check: { missedAt: week } });
    expect(state.timers?.['look-link_verified']?.at).toEqual(hoursOn(6));
    expect(explain(state, week)).toMatchObject({
      blocker: expect.stringMatching(/may not hold any more.*Expected: .* links to/),
      next: { what: 'The system checks "Verify the links" again.', at: hoursOn(6) },
    });
  });

  test('are as before when it was there again, and a later miss is a first one', () => {
    const state = looked(looked(live(), failing, week), holding, hoursOn(6));
    expect(explain(state, hoursOn(6)).blocker).toBe('Nothing. The order is live.');
    const missed = looked(state, failing, later(days(30)));
    expect([missed.status, stateOf(missed, 'link_verified').check?.missedAt]).toEqual(['live', later(days(30))]);
  });

  test('are not given up because somebody looks twice within the hour, or because nobody can tell', () => {
    const twice = looked(looked(live(), failing, week), failing, hoursOn(1), doer);
    expect([twice.status, twice.timers?.['look-link_verified']?.at]).toEqual(['live', hoursOn(6)]);
    const untellable = looked(twice, untold, hoursOn(6));
    expect(untellable.status).toBe('live');
    const at = untellable.timers?.['look-link_verified']?.at ?? week;
    expect(at.getTime()).toBeGreaterThan(hoursOn(6).getTime());
    expect(looked(untellable, failing, at).status).toBe('setup');
  });

  test('bring it back to placing when one is still missing hours later, with what follows locked', () => {
    const state = looked(looked(live(), failing, week), failing, hoursOn(6));
    expect(state.status).toBe('setup');
    expect(stateOf(state, 'placed')).toMatchObject({ status: 'waiting', round: 2 });
    expect(stateOf(state, 'report')).toMatchObject({ status: 'locked', round: 2 });
  });

  test('stay as they are while nobody can tell', () => {
    const state = run(
      looking(),
      checked(looking(), 'link_verified', untold),
      asking(orderworks, undefined, week),
    ).state;
    expect(state.status).toBe('live');
    expect(state.timers?.['look-link_verified']?.at).toEqual(new Date(week.getTime() + minutes(5)));
  });

  test('are looked at when staff ask for it, and not once the order is closed', () => {
    given(live())
      .when(recheck('link_verified'))
      .happened({ type: 'check-asked', stage: 'link_verified', round: 1, attempt: 2, tries: 0 })
      .asksFor({ type: 'check', stage: 'link_verified', round: 1, attempt: 2 });
    const closed = given(live()).when({ type: 'complete-order' }, admin).state;
    given(closed).refuses(due(live(), 'link_verified'), 'superseded', { actor: orderworks });
  });
});

test('a check over the order alone is run again when staff ask for it', () => {
  const order = walk(anOrder('listings'), 'live');
  const broken = {
    ...order,
    stages: order.stages.map((stage) =>
      stage.key === 'synced'
        ? { ...stage, data: { listings: [{ directory: 'yelp', id: 'abc', state: 'rejected', matches: false }] } }
        : stage,
    ),
  };
  const { state } = given(broken).when({ type: 'run-check', stage: 'live', round: 1 }, orderworks);
  given(state).refuses(recheck('live'), 'stage_not_ready');
  const mended = {
    ...state,
    stages: state.stages.map((stage) =>
      stage.key === 'synced' ? (order.stages.find(({ key }) => key === 'synced') ?? stage) : stage,
    ),
  };
  expect(given(mended).when(recheck('live')).state.status).toBe('live');
});

describe('a product file', () => {
  const exit = noOptions;
  const looks = () => [];
  test.each<[string, Partial<StageDefinition>, string]>([
    ['looks at the stage of an approval', { gate: 'external', exit, looks }, 'looks outside'],
    [
      'lets the system leave what it does not look at',
      { gate: 'auto', exit, finds: () => ({}) },
      'is left by the system',
    ],
    [
      'looks again, but goes back nowhere',
      { gate: 'auto', exit, looks, finds: () => ({}), lookAgain: [7] },
      'is looked at again',
    ],
  ])('that %s fails when it is loaded', (_, stage, words) => {
    const live = { title: 'Live', budget: 1, gate: 'auto', ...stage } as StageDefinition<'live'>;
    const file = { product: 'p', version: 1, title: 'P', managed: true, tiers: ['basic'], options: noOptions };
    expect(() => defineWorkflow({ ...file, stages: { live } })).toThrow(`Stage "live" ${words}`);
  });
});
