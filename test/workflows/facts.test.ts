/** Facts from outside: orders that wait for orders, accesses that are lost and come back, the health of a subscription. */
import { describe, expect, test } from 'vitest';
import type { AccountState, Grant } from '../../workflows/accounts/state.ts';
import { migrate } from '../../workflows/engine/migrate.ts';
import { run } from '../../workflows/engine/run.ts';
import type { Stage } from '../../workflows/graph/workflow.ts';
import { workflowFor } from '../../workflows/index.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  aHash,
  anOrder,
  asking,
  client,
  created,
  doer,
  given,
  leaving,
  minutesLater,
  orderworks,
  start,
  walk,
  waysThrough,
} from '../support/given.ts';

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

describe('the stage of access', () => {
  const order = walk(anOrder('google_ads'), 'access_granted');
  const stage = 'access_granted';
  const [ads, analytics] = [fact('grant.google_ads', true, 1), fact('grant.analytics', true, 1)];
  const complete: OrderCommand = waysThrough(order, stage)[0]!.command;
  const status = (state: OrderState) => stateOf(state, stage).status;

  test('is over by itself once the account has every access that the order needs', () => {
    const { state } = given(learning(order, ads))
      .when(analytics, orderworks)
      .happened(
        { type: 'fact-recorded', fact: 'grant.analytics', holds: true, seq: 1 },
        { type: 'stage-completed', stage, round: 1, by: orderworks.id, hash: aHash },
        { type: 'stage-entered', stage: 'tracking_installed', round: 1, status: 'ready', holder: 'fulfillment' },
      );
    expect(stateOf(state, stage)).toMatchObject({ status: 'done', doer: orderworks.id });
    expect(state.stage).toBe('tracking_installed');
  });

  test('is over at once when every access was there before its turn', () => {
    const before = learning(anOrder('google_ads'), ads, analytics);
    expect(leaving(before, 'intake')).toMatchObject({ stage: 'tracking_installed' });
  });

  test('is the client’s while one is not there, also when another is lost meanwhile', () => {
    expect(stateOf(learning(order, ads), stage)).toMatchObject({ status: 'waiting', holder: 'client' });
    const lost = learning(order, ads, fact('grant.google_ads', false, 2), analytics);
    expect(stateOf(lost, stage)).toMatchObject({ status: 'waiting', waitingFor: 'access', holder: 'client' });
    expect(status(learning(lost, fact('grant.google_ads', true, 3)))).toBe('done');
  });

  test('comes to the same in whatever order the grants, the stage and a pause come', () => {
    const steps: Record<string, (state: OrderState) => OrderState> = {
      ads: (state) => learning(state, ads),
      analytics: (state) => learning(state, analytics),
      intake: (state) => leaving(state, 'intake'),
      pause: (state) => given(state).when({ type: 'pause' }, doer, 'Holiday.').state,
      resume: (state) => given(state).when({ type: 'resume' }, doer).state,
    };
    const ordered = (names: string[]): string[][] =>
      names.length < 2
        ? [names]
        : names.flatMap((name) => ordered(names.filter((other) => other !== name)).map((rest) => [name, ...rest]));
    const ways = ordered(Object.keys(steps)).filter(
      (way) => way.indexOf('pause') < way.indexOf('resume') && !isPausedAt(way, 'intake'),
    );
    for (const way of ways) {
      const state = way.reduce((now, name) => steps[name]!(now), anOrder('google_ads'));
      expect([way.join(), status(state), state.stage]).toEqual([way.join(), 'done', 'tracking_installed']);
    }
    expect(ways.length).toBeGreaterThan(20);
  });

  test('is over by itself once a migration leaves it nothing to wait for', () => {
    const from = workflowFor('google_ads');
    const needsAdsAlone = (one: Stage): Stage => ({
      ...one,
      needs: one.needs?.filter((need) => need.fact === 'grant.google_ads') ?? [],
    });
    const to = { ...from, version: 2, stages: from.stages.map(needsAdsAlone) };
    const { change } = migrate({ from, to }, learning(order, ads), start);
    expect(change && status(change.state)).toBe('done');
  });

  test('is completed by nobody against a grant that was lost', () => {
    const lost = learning(order, fact('grant.analytics', false, 1));
    expect(given(lost).refuses(complete, 'stage_not_ready').message).toContain('Google Analytics is not granted');
    const override: OrderCommand = { type: 'override-stage', stage, action: 'complete' };
    given(lost).refuses(override, 'stage_not_ready', { actor: admin, reason: 'They say so.' });
    const skipped = given(lost).when({ type: 'skip-stage', stage }, admin, 'We do without.').state;
    expect(stateOf(skipped, 'tracking_installed')).toMatchObject({ status: 'waiting', waitingFor: 'fact' });
  });

  test('that staff complete with evidence attests the grants that nobody knows of, and no other', () => {
    const attests = (state: OrderState) =>
      run(state, complete, asking(doer)).effects.filter(({ type }) => type === 'attest-grant');
    const evidence = 'Accounts page, seen in the manager account';
    const ofAnalytics = { type: 'attest-grant', grant: 'analytics', evidence, seq: 0 };
    expect(attests(order)).toEqual([{ ...ofAnalytics, grant: 'google_ads' }, ofAnalytics]);
    expect(attests(learning(order, ads))).toEqual([ofAnalytics]);
  });

  test('is not gone back to while every access is granted: the record is put right first', () => {
    const tracking = learning(order, ads, analytics);
    const back: OrderCommand = { type: 'send-back', stage: 'tracking_installed', to: stage };
    given(tracking).refuses(back, 'stage_not_reachable', { reason: 'It is not there.' });
    const reopen: OrderCommand = { type: 'override-stage', stage, action: 'reopen' };
    given(tracking).refuses(reopen, 'stage_not_reachable', { actor: admin, reason: 'It is not there.' });
    const lost = learning(tracking, fact('grant.analytics', false, 2));
    expect(status(given(lost).when(back, doer, 'It is not there.').state)).toBe('waiting');
  });

  test('that an earlier release made ready waits again when an access is lost, and is over when it is there', () => {
    const known = learning(order, ads);
    const stages = known.stages.map((is) =>
      is.key === stage
        ? { ...is, status: 'ready' as const, holder: 'fulfillment' as const, waitingFor: undefined }
        : is,
    ) as OrderState['stages'];
    const lost = learning({ ...known, stages }, fact('grant.google_ads', false, 2));
    expect(stateOf(lost, stage)).toMatchObject({ status: 'waiting', waitingFor: 'access', holder: 'client' });
    expect(status(learning({ ...known, stages }, analytics))).toBe('done');
  });
});

/** Whether the order is paused when this step comes. */
const isPausedAt = (way: string[], step: string): boolean =>
  way.indexOf('pause') < way.indexOf(step) && way.indexOf(step) < way.indexOf('resume');

describe('why an order waits for an access, with what the account knows', () => {
  const grantOf = (is: Partial<Grant>): Pick<AccountState, 'grants'> => ({
    grants: {
      google_ads: {
        ...{ status: 'revoked', since: start, probe: { type: 'http', url: 'https://tokens.example.com' } },
        ...{ seq: 3, looks: 1, misses: 0, nextLookAt: minutesLater(15) },
        lastLook: { at: start, finding: 'missing', says: 'The endpoint answered 401.' },
        ...is,
      },
    },
  });
  const lost = learning(walk(anOrder('google_ads'), 'build'), fact('grant.google_ads', false, 1));

  test('names the grant, since when, the last look, the next one and what would help', () => {
    expect(explain(lost, start, grantOf({}))).toEqual({
      stage: 'build',
      blocker: 'Access to Google Ads was lost. Access to Google Ads is revoked since 2026-03-02 14:00 UTC.',
      unblock: 'The client grants access to Google Ads again.',
      holder: 'third_party',
      since: start,
      tried: ['Access to Google Ads was looked at 2026-03-02 14:00 UTC: The endpoint answered 401.'],
      next: { what: 'Access to Google Ads is looked at again.', at: minutesLater(15) },
    });
  });

  test('alerts to an endpoint that does not answer, and says that this is no loss', () => {
    const silent = { misses: 2, status: 'active', lastLook: { at: start, finding: 'unreachable', says: 'No answer.' } };
    const { tried } = explain(walk(anOrder('google_ads'), 'build'), start, grantOf(silent as Partial<Grant>));
    expect(tried).toEqual([
      'Alert: access to Google Ads could not be looked at 2 times in a row: No answer. That is no loss of it. ' +
        'It is tried again 2026-03-02 14:15 UTC.',
    ]);
  });

  test('names what was never asked for', () => {
    const { blocker } = explain(walk(anOrder('google_ads'), 'access_granted'), start, { grants: {} });
    expect(blocker).toContain('Access to Google Ads was never asked for.');
  });
});

describe('what an order passes to its account and asks of it', () => {
  const inward = ({ effects }: ReturnType<typeof run>) =>
    effects.filter(({ type }) => !['timer', 'issue-link', 'attest-grant'].includes(type));

  test('asks once when it is made, and whenever it begins to wait for a fact', () => {
    expect(inward(created('seo'))).toEqual([{ type: 'recheck' }]);
    const last = leaving(anOrder('seo', { options: { site: 'ordered' } }), 'intake');
    const data = waysThrough(last, 'access_granted')[0]!;
    expect(inward(run(last, data.command, asking(data.actor)))).toEqual([{ type: 'recheck' }]);
  });

  test('tells of a milestone once', () => {
    const order = walk(anOrder('google_ads'), 'tracking_installed');
    let state = order;
    const told = waysThrough(order, 'tracking_installed').flatMap(({ command, actor }) => {
      const change = run(state, command, asking(actor));
      state = change.state;
      return inward(change).filter(({ type }) => type === 'record-milestone');
    });
    expect(told).toEqual([{ type: 'record-milestone', fact: 'tracking.installed' }]);
  });
});

test('a client says nothing about facts', () => {
  given(anOrder('seo')).refuses(fact('site.launched', true, 1), 'forbidden', { actor: client });
});
