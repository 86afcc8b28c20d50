/** Moving running orders to another version: renamed and dropped stages, changed data, what is shown anew, and the counts. */
import { describe, expect, test } from 'vitest';
import { type MigrationPlan, migrate, preview } from '../../workflows/engine/migrate.ts';
import { unfold } from '../../workflows/engine/unfold.ts';
import type { Stage, Workflow } from '../../workflows/graph/workflow.ts';
import { workflowFor } from '../../workflows/index.ts';
import { responsibleFor } from '../../workflows/rules/assignment.ts';
import { onReplay, safetyOf } from '../../workflows/rules/safety.ts';
import type { OrderEvent } from '../../workflows/words/events.ts';
import { calledOnce, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, doer, given, orderworks, start, walk } from '../support/given.ts';

const from = workflowFor('google_ads');
const changing = (change: (stage: Stage) => Stage | undefined): Workflow => ({
  ...from,
  version: 2,
  stages: from.stages.flatMap((stage) => change(stage) ?? []),
});

/** `campaign_plan` is called `media_plan` in the second version. */
const renamed = (name: string): string => (name === 'campaign_plan' ? 'media_plan' : name);
const renaming: MigrationPlan = {
  from,
  to: changing((stage) => ({
    ...stage,
    key: renamed(stage.key),
    after: stage.after.map(renamed),
    backTo: stage.backTo.map(renamed),
    shows: stage.shows.map(renamed),
  })),
  stages: { campaign_plan: 'media_plan' },
};

describe('a migration', () => {
  test('keeps what was done under the new name of its stage', () => {
    const { change } = migrate(renaming, walk(anOrder('google_ads'), 'build'), start);
    expect(change?.state.workflowVersion).toBe(2);
    expect(stateOf(change!.state, 'media_plan')).toMatchObject({ status: 'done', doer: 'doer' });
    expect(change?.events).toContainEqual({ type: 'order-migrated', from: 1, to: 2 });
  });

  test('asks again for an approval that would show something else', () => {
    const { change, approvalsAskedAgain } = migrate(renaming, walk(anOrder('google_ads'), 'client_approval'), start);
    expect(approvalsAskedAgain).toBe(1);
    expect(stateOf(change!.state, 'client_approval')).toMatchObject({ status: 'waiting', round: 2 });
    expect(change?.effects).toContainEqual(expect.objectContaining({ type: 'request-approval', round: 2 }));
  });

  test('leaves an approval open that shows the same', () => {
    const plan = { from, to: changing((stage) => stage) };
    const { change, approvalsKept } = migrate(plan, walk(anOrder('google_ads'), 'client_approval'), start);
    expect(approvalsKept).toBe(1);
    expect(change?.effects.map(({ type }) => type)).toEqual(['recheck']);
  });

  test('refuses to drop the stage that an order stands in', () => {
    const without = changing((stage) =>
      stage.key === 'tracking_installed'
        ? undefined
        : { ...stage, after: stage.after.map((key) => (key === 'tracking_installed' ? 'access_granted' : key)) },
    );
    const plan = { from, to: without };
    expect(migrate(plan, walk(anOrder('google_ads'), 'tracking_installed'), start)).toMatchObject({
      verdict: 'refused',
      why: expect.stringContaining('tracking_installed'),
    });
    expect(migrate(plan, walk(anOrder('google_ads'), 'build'), start).verdict).toBe('will_change');
  });

  test('refuses data that the new version would not take, unless it is told how to change them', () => {
    const to = changing((stage) =>
      stage.key === 'access_granted' ? { ...stage, exit: workflowFor('gbp').stages[2]!.exit } : stage,
    );
    const order = walk(anOrder('google_ads'), 'build');
    const { verdict, errors } = migrate({ from, to }, order, start);
    expect(verdict).toBe('refused');
    expect(errors?.[0]?.pointer).toMatch(/^\/stages\/access_granted\/data\//);
    const data = { access_granted: () => ({ location: 'locations/12345', role: 'owner', evidence: 'Seen in person' }) };
    expect(migrate({ from, to, data }, order, start).verdict).toBe('will_change');
  });

  test('is rehearsed with its counts', () => {
    const cancelled = given(anOrder('google_ads')).when({ type: 'cancel' }, doer, 'Ordered twice.').state;
    const orders = [
      anOrder('google_ads'),
      walk(anOrder('google_ads'), 'client_approval'),
      walk(anOrder('google_ads')),
      cancelled,
    ];
    expect(preview(renaming, orders, start)).toMatchObject({
      will_change: 3,
      no_op: 1,
      refused: 0,
      approvalsAskedAgain: 1,
    });
  });

  test('is done once', () => {
    const { change } = migrate(renaming, anOrder('google_ads'), start);
    expect(migrate(renaming, change!.state, start).verdict).toBe('no_op');
  });
});

/** The version after the present one, in which one stage has another name. */
function calledOtherwise(product: string, old: string, name: string): MigrationPlan {
  const now = workflowFor(product);
  const called = (key: string) => (key === old ? name : key);
  const stages = now.stages.map((stage) => ({
    ...{ ...stage, key: called(stage.key), after: stage.after.map(called), backTo: stage.backTo.map(called) },
    shows: stage.shows.map(called),
  }));
  return { from: now, to: { ...now, version: 2, stages }, stages: { [old]: name } };
}

describe('a stage that goes by another name', () => {
  test('is looked at again when a check was under way, of what is open and of what is done', () => {
    const plan = calledOtherwise('content', 'live', 'published');
    const open = migrate(plan, walk(anOrder('content'), 'live'), start).change!;
    expect(open.effects).toContainEqual({ type: 'check', stage: 'published', round: 1, attempt: 2 });
    expect(stateOf(open.state, 'published').check).toMatchObject({ attempt: 2, isUnderway: true });

    const order = walk(anOrder('backlinks'));
    const due = { type: 'recheck-stage', stage: 'link_verified', round: 1 } as const;
    const again = given(order).when(due, orderworks).state;
    const { effects } = migrate(calledOtherwise('backlinks', 'link_verified', 'seen'), again, start).change!;
    expect(effects).toContainEqual({ type: 'check', stage: 'seen', round: 1, attempt: 3 });
  });

  test('waits for a person to find out when a vendor was at work', () => {
    const order = walk(anOrder('listings'), 'action_needed');
    const { state, effects } = migrate(calledOtherwise('listings', 'action_needed', 'vendor'), order, start).change!;
    expect(stateOf(state, 'vendor')).toMatchObject({ status: 'failed', waitingFor: 'outcome-unknown' });
    expect(effects.map(({ type }) => type)).not.toContain('dispatch');
  });

  test('is still found by whoever was sent to it under its old name, in later rounds and versions too', () => {
    const sent = given(anOrder('google_ads')).when(
      { type: 'record-link', stage: 'intake', round: 1, link: 'l' },
      orderworks,
    ).state;
    const plan = calledOtherwise('google_ads', 'intake', 'onboarding_form');
    const { change, linksKept } = migrate(plan, sent, start);
    expect(linksKept).toBe(1);
    expect(change!.effects.map(({ type }) => type)).not.toContain('issue-link');
    expect(calledOnce(change!.state, 'intake')).toMatchObject({ key: 'onboarding_form', status: 'waiting', link: 'l' });

    const back: OrderEvent = {
      ...{ type: 'stage-sent-back', from: 'qa', to: 'onboarding_form', round: 2 },
      relocked: [],
    };
    const { state } = unfold(plan.to, change!.state, { first: [{ event: back }], at: start });
    expect(calledOnce(state, 'intake')).toMatchObject({ key: 'onboarding_form', status: 'waiting', round: 2 });
    expect(calledOnce(state, 'no_such_stage')).toBeUndefined();
  });

  test('keeps its specialist, and whoever has the whole order is left alone', () => {
    const specialists = [{ staff: 'bob', stage: 'campaign_plan' }, { staff: 'cleo' }];
    const order = walk(anOrder('google_ads'), 'campaign_plan');
    const assigned = given(order).when({ type: 'assign', manager: 'ann', specialists }, admin).state;
    const { state } = migrate(renaming, assigned, start).change!;
    expect(responsibleFor(state, 'media_plan')).toBe('bob');
    expect(state.load).toEqual(assigned.load);
    const posts = (state.assignments ?? []).map(({ staff, stage }) => [staff, stage]);
    expect(posts).toEqual([
      ['ann', undefined],
      ['bob', 'media_plan'],
      ['cleo', undefined],
    ]);
  });
});

describe('a replay', () => {
  test('never repeats a mail that was sent, and asks a person when nobody knows', () => {
    expect(safetyOf({ type: 'notify' })).toBe('once');
    expect(onReplay({ type: 'notify' }, 'succeeded')).toBe('skip');
    expect(onReplay({ type: 'notify' }, 'unknown')).toBe('ask-a-person');
    expect(onReplay({ type: 'notify' }, 'failed')).toBe('do');
  });

  test('does again under its key what may be done twice', () => {
    expect(onReplay({ type: 'issue-link' }, 'unknown')).toBe('do');
    expect(onReplay({ type: 'issue-link' }, 'succeeded')).toBe('skip');
  });
});
