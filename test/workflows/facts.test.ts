/** Facts from outside: orders that wait for orders, accesses that are lost and come back, the health of a subscription. */
import { describe, expect, test } from 'vitest';
import type { OrderCommand } from '../../workflows/commands.ts';
import { explain } from '../../workflows/explain.ts';
import { run } from '../../workflows/run.ts';
import { type OrderState, stateOf } from '../../workflows/state.ts';
import { anOrder, asking, client, doer, given, leaving, orderworks, start, walk } from '../support/given.ts';

const fact = (name: string, holds: boolean, seq: number): OrderCommand => ({
  type: 'record-fact',
  fact: name,
  holds,
  seq,
});
const learning = (order: OrderState, ...facts: OrderCommand[]) =>
  facts.reduce((now, command) => run(now, command, asking(orderworks)).state, order);

/** An SEO order for a site that is still being built, its access in. */
const waiting = () => leaving(leaving(anOrder('seo', { options: { site: 'ordered' } }), 'intake'), 'access_granted');

describe('an order that waits for another', () => {
  test('is blocked where it needs it, and says what it waits for', () => {
    const order = waiting();
    expect(stateOf(order, 'baseline_audit')).toMatchObject({
      status: 'waiting',
      waitingFor: 'fact',
      holder: 'third_party',
    });
    expect(explain(order, start)).toMatchObject({
      stage: 'baseline_audit',
      blocker: expect.stringContaining('not launched'),
    });
    expect(order.slaDueAt).toBeNull();
    given(order).refuses({ type: 'begin-stage', stage: 'baseline_audit' }, 'stage_not_ready');
  });

  test('goes on when the fact arrives', () => {
    const { state } = given(waiting()).when(fact('site.launched', true, 1), orderworks);
    expect(stateOf(state, 'baseline_audit')).toMatchObject({ status: 'ready', holder: 'fulfillment' });
  });

  test('comes to the same whichever arrives first, the fact or its turn', () => {
    const before = anOrder('seo', { options: { site: 'ordered' } });
    const factFirst = leaving(leaving(learning(before, fact('site.launched', true, 1)), 'intake'), 'access_granted');
    const factLast = learning(waiting(), fact('site.launched', true, 1));
    const shape = ({ stages, holder, stage }: OrderState) => [
      stages.map(({ key, status, round }) => [key, status, round]),
      holder,
      stage,
    ];
    expect(shape(factFirst)).toEqual(shape(factLast));
  });

  test('takes no notice of an older number', () => {
    const known = learning(waiting(), fact('site.launched', true, 5));
    given(known).refuses(fact('site.launched', false, 5), 'superseded', { actor: orderworks });
    given(known).refuses(fact('site.launched', false, 4), 'superseded', { actor: orderworks });
  });

  test('is not blocked when the site is live already', () => {
    expect(stateOf(walk(anOrder('seo'), 'baseline_audit'), 'baseline_audit').status).toBe('ready');
  });

  test('is told of by the order that launches the site', () => {
    expect(walk(anOrder('site')).milestones).toEqual(['site.launched']);
  });
});

describe('an access that is lost', () => {
  const begun = given(walk(anOrder('google_ads'), 'build')).when({ type: 'begin-stage', stage: 'build' }).state;
  const lost = learning(begun, fact('grant.google_ads', false, 1));

  test('blocks the open stage once, with the clock stopped', () => {
    expect(stateOf(lost, 'build')).toMatchObject({ status: 'waiting', holder: 'third_party', round: 1 });
    expect(lost.slaDueAt).toBeNull();
    const { events } = run(lost, fact('grant.google_ads', false, 2), asking(orderworks));
    expect(events.map(({ type }) => type)).toEqual(['fact-recorded']);
  });

  test('gives the stage back as it was when it returns', () => {
    const back = learning(lost, fact('grant.google_ads', true, 3));
    expect(stateOf(back, 'build')).toMatchObject({ status: 'in_progress', doer: 'doer', round: 1 });
    expect(stateOf(back, 'build').blocked).toBeUndefined();
    expect(back.slaDueAt).toBeInstanceOf(Date);
  });

  test('does not touch stages that do not need it', () => {
    const planning = walk(anOrder('google_ads'), 'campaign_plan');
    expect(stateOf(learning(planning, fact('grant.google_ads', false, 1)), 'campaign_plan').status).toBe('ready');
  });

  test('does not undo what is done', () => {
    const live = walk(anOrder('google_ads'));
    expect(learning(live, fact('grant.google_ads', false, 1)).status).toBe('live');
  });
});

describe('a subscription', () => {
  const order = walk(anOrder('google_ads'), 'campaign_plan');
  const overdue = learning(order, fact('subscription.active', false, 1));

  test('that is past due pauses the order, and its clock', () => {
    expect(overdue).toMatchObject({ status: 'paused', pausedBy: 'subscription', slaDueAt: null });
    expect(explain(overdue, start).blocker).toBe('The subscription is not active.');
    given(overdue).refuses({ type: 'resume' }, 'subscription_inactive', { actor: doer });
  });

  test('that is paid resumes it', () => {
    expect(learning(overdue, fact('subscription.active', true, 2))).toMatchObject({
      status: 'setup',
      stage: 'campaign_plan',
    });
  });

  test('does not resume what a person has paused', () => {
    const held = given(order).when({ type: 'pause' }, doer, 'Holiday.').state;
    const paid = learning(held, fact('subscription.active', false, 1), fact('subscription.active', true, 2));
    expect(paid).toMatchObject({ status: 'paused', pausedBy: 'person' });
  });
});

test('a client says nothing about facts', () => {
  given(anOrder('seo')).refuses(fact('site.launched', true, 1), 'forbidden', { actor: client });
});
