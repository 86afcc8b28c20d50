/** Doing something again: what failed, everything from a stage on, or what nobody knows the outcome of. */
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { type OrderState, type StageState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  aHash,
  anOrder,
  asking,
  aWork,
  checker,
  client,
  doer,
  given,
  orderworks,
  start,
  walk,
} from '../support/given.ts';

const stage = 'action_needed';
const asked = (): OrderState => walk(anOrder('listings'), stage);
const answer = (outcome: 'completed' | 'failed' | 'unknown', order: OrderState) =>
  ({ type: 'record-answer', stage, round: stateOf(order, stage).round, dispatch: 'd1', outcome, data: {} }) as const;
const answered = (outcome: 'failed' | 'unknown'): OrderState =>
  given(asked()).when(answer(outcome, asked()), orderworks).state;
const data = exampleOf(workflowFor('listings').stages.find(({ key }) => key === stage)!);

describe('a stage that failed', () => {
  test('is tried again under a new round, so that a late answer to the first try counts for nothing', () => {
    const failed = answered('failed');
    const then = given(failed).when({ type: 'retry-stage', stage }).happened(
      { type: 'stage-retried', stage: 'action_needed', round: 1 },
      {
        type: 'stage-entered',
        stage: 'action_needed',
        round: 2,
        status: 'waiting',
        waitingFor: 'answer',
        holder: 'third_party',
      },
    );
    then.asksFor({ type: 'dispatch', stage: 'action_needed', round: 2, asked: aWork });
    expect(stateOf(then.state, stage)).toMatchObject({ status: 'waiting', round: 2 });
    given(then.state).refuses(answer('failed', failed), 'superseded', { actor: orderworks });
  });

  test('is the only one that can be retried', () => {
    given(asked()).refuses({ type: 'retry-stage', stage }, 'stage_not_ready');
    given(asked()).refuses({ type: 'retry-stage', stage: 'nap_confirmed' }, 'wrong_gate');
  });
});

describe('a stage that fails while it is blocked', () => {
  const fact = 'grant.meta';
  const lost = { type: 'record-fact', fact, holds: false, seq: 1 } as const;
  const refused = {
    type: 'record-answer',
    stage: 'launch',
    round: 1,
    dispatch: 'd1',
    outcome: 'failed',
    data: {},
  } as const;

  test('stays blocked, has failed once the fact is back, and can be retried then', () => {
    const blocked = given(walk(anOrder('facebook_ads'), 'launch')).when(lost, orderworks).state;
    const { state } = given(blocked)
      .when(refused, orderworks)
      .happened({ type: 'check-failed', stage: 'launch', round: 1, rules: ['vendor_failed'] });
    expect(stateOf(state, 'launch')).toMatchObject({ status: 'waiting', holder: 'third_party', waitingFor: 'fact' });
    given(state).refuses(refused, 'superseded', { actor: orderworks });
    given(state).refuses({ type: 'retry-stage', stage: 'launch' }, 'stage_not_ready');
    const back = given(state).when({ ...lost, holds: true, seq: 2 }, orderworks).state;
    expect(stateOf(back, 'launch')).toMatchObject({ status: 'failed', holder: 'fulfillment' });
    const { effects } = given(back).when({ type: 'retry-stage', stage: 'launch' });
    expect(effects).toMatchObject([{ type: 'dispatch', stage: 'launch', round: 2 }]);
  });
});

describe('a stage whose work was given up', () => {
  const dead = [{ id: 'a-3-1', generation: 4 }];

  test('has it taken up in the same round, whatever its gate', () => {
    const { state, effects } = given(anOrder('seo'))
      .when({ type: 'retry-stage', stage: 'intake', dead }, doer, 'The line is back.')
      .happened({ type: 'stage-retried', stage: 'intake', round: 1, dead: [{ id: 'a-3-1', generation: 4 }] });
    expect(effects).toEqual([{ type: 'reopen', stage: 'intake', round: 1, items: dead, why: 'The line is back.' }]);
    expect(stateOf(state, 'intake')).toMatchObject({ status: 'waiting', round: 1 });
  });

  test('goes into a new round where it has failed, and stops for a person where nobody knows', () => {
    const retry = { type: 'retry-stage', stage, dead } as const;
    given(answered('failed'))
      .when(retry)
      .happened(
        { type: 'stage-retried', stage: 'action_needed', round: 1 },
        {
          type: 'stage-entered',
          stage: 'action_needed',
          round: 2,
          status: 'waiting',
          waitingFor: 'answer',
          holder: 'third_party',
        },
      )
      .asksFor({ type: 'dispatch', stage: 'action_needed', round: 2, asked: aWork });
    given(answered('unknown')).refuses(retry, 'outcome_unknown');
    given(walk(anOrder('seo'), 'qa')).refuses({ ...retry, stage: 'intake' }, 'stage_finished');
  });
});

describe('an answer to what was asked for before an undo', () => {
  const retry = { type: 'retry-stage', stage } as const;

  test('says nothing about what was asked for since, though the round is the same', () => {
    const failed = answered('failed');
    const first = given(failed).when(retry).state;
    const undo = { type: 'restore-values', operation: 'blk_1', fields: changesOf(failed, first) } as const;
    const second = given(given(first).when(undo, admin, 'A mistake.').state).when(retry).state;
    expect(stateOf(second, stage).round).toBe(stateOf(first, stage).round);
    const late = { ...answer('failed', second), asked: stateOf(first, stage).asked };
    const refusal = given(second).refuses(late, 'superseded', { actor: orderworks });
    expect(refusal.message).toContain('earlier request');
    given(second)
      .when({ ...late, asked: stateOf(second, stage).asked }, orderworks)
      .happened({ type: 'check-failed', stage: 'action_needed', round: 2, rules: ['vendor_failed'] });
  });

  test('counts where an older release asked, which named no asking', () => {
    given(asked())
      .when(answer('failed', asked()), orderworks)
      .happened({ type: 'check-failed', stage: 'action_needed', round: 1, rules: ['vendor_failed'] });
  });
});

describe('an outcome that nobody knows', () => {
  test('stops for a person, is told of by an alert and explained', () => {
    const state = answered('unknown');
    expect(stateOf(state, stage)).toMatchObject({ status: 'failed', waitingFor: 'outcome-unknown' });
    expect(alarmsOf(workflowFor('listings'), state)).toMatchObject([{ kind: 'outcome-unknown', severity: 'critical' }]);
    expect(explain(state, start)).toMatchObject({ blocker: expect.stringContaining('not certain'), stage });
    given(state).refuses({ type: 'retry-stage', stage }, 'outcome_unknown');
    given(state).refuses({ type: 'restart-stage', stage: 'submitted' }, 'outcome_unknown', { reason: 'Again.' });
    given(state).refuses(answer('unknown', state), 'superseded', { actor: orderworks });
  });

  test('that a person says was done is done, with their data, and without another call', () => {
    const done = { type: 'resolve-outcome', stage, outcome: 'done', data } as const;
    given(answered('unknown')).refuses(done, 'reason_required');
    given(answered('unknown')).refuses({ ...done, data: {} }, 'exit_data_invalid', { reason: 'They say so.' });
    const { state, effects } = given(answered('unknown')).when(done, doer, 'They say so.');
    expect(stateOf(state, stage).status).toBe('done');
    expect(effects.filter(({ type }) => type === 'dispatch')).toEqual([]);
  });

  test('that a person says was not done is asked for again', () => {
    const { state } = given(answered('unknown'))
      .when({ type: 'resolve-outcome', stage, outcome: 'not_done', data: {} }, doer, 'They never had it.')
      .asksFor({ type: 'dispatch', stage: 'action_needed', round: 2, asked: aWork });
    expect(stateOf(state, stage)).toMatchObject({ status: 'waiting', waitingFor: 'answer', round: 2 });
  });

  test('is asked about nowhere else', () => {
    const done = { type: 'resolve-outcome', stage, outcome: 'done', data } as const;
    given(asked()).refuses(done, 'stage_not_ready', { reason: 'They say so.' });
  });
});

describe('a restart', () => {
  const restart = (from: string) => ({ type: 'restart-stage', stage: from }) as const;

  test('does not ask again for what was done outside, and keeps who did it', () => {
    const order = walk(anOrder('listings'), 'synced');
    const back = given(order).when(restart('submitted'), doer, 'Start over.').state;
    expect(stateOf(back, stage)).toMatchObject({ status: 'locked', kept: stateOf(order, stage).doer });
    const data_ = exampleOf(workflowFor('listings').stages.find(({ key }) => key === 'submitted')!);
    const { state, effects } = given(back).when({ type: 'complete-stage', stage: 'submitted', data: data_ });
    expect(effects.filter(({ type }) => type === 'dispatch')).toEqual([]);
    expect(stateOf(state, stage)).toMatchObject({ status: 'done', round: 2, doer: stateOf(order, stage).doer });
    expect(stateOf(state, 'synced')).toMatchObject({ status: 'ready', round: 2 });
  });

  test('waits for the vendor that is at work, whether it is restarted from there or from before', () => {
    for (const from of ['submitted', stage]) {
      const refusal = given(asked()).refuses(restart(from), 'outcome_unknown', { reason: 'Start over.' });
      expect(refusal.message).toContain('complete the stage by hand');
    }
    const was = { status: 'waiting', holder: 'third_party', waitingFor: 'answer' } as const;
    const blocked = (is: StageState) => ({ ...is, waitingFor: 'fact', blocked: { facts: ['a.fact'], was } });
    const stages = asked().stages.map((is) => (is.key === stage ? blocked(is) : is));
    given({ ...asked(), stages }).refuses(restart('submitted'), 'outcome_unknown', { reason: 'Start over.' });
    given(answered('failed'))
      .when(restart('submitted'), doer, 'Start over.')
      .happened(
        { type: 'stage-sent-back', from: 'submitted', to: 'submitted', round: 2, relocked: ['action_needed'] },
        { type: 'stage-entered', stage: 'submitted', round: 2, status: 'ready', holder: 'fulfillment' },
      );
  });

  test('takes a reason, a stage that was opened, and something that may be repeated', () => {
    const order = walk(anOrder('listings'), 'synced');
    given(order).refuses(restart('submitted'), 'reason_required');
    given(order).refuses(restart('live'), 'stage_not_ready', { reason: 'Again.' });
    given(order).refuses(restart(stage), 'stage_finished', { reason: 'Again.' });
  });
});

describe('an approval that is handed on', () => {
  const key = 'client_approval';
  const shown = () => {
    const order = walk(anOrder('google_ads'), key);
    const record = { type: 'record-approval', stage: key, round: 1, approval: 'a1' } as const;
    return given(order).when(record, orderworks).state;
  };
  const recipient = { name: 'Dee', email: 'dee@example.com' };
  const hand = (round: number, approval = 'a1') =>
    ({ type: 'delegate-approval', stage: key, round, approval, recipient }) as const;

  test('is asked of the other person under a new round, and the old page decides nothing', () => {
    const order = shown();
    const then = given(order).when(hand(1), client).happened(
      { type: 'approval-delegated', stage: 'client_approval', round: 1, approval: 'a1' },
      {
        type: 'stage-entered',
        stage: 'client_approval',
        round: 2,
        status: 'waiting',
        waitingFor: 'approval',
        hash: aHash,
        holder: 'client',
      },
    );
    expect(then.effects).toMatchObject([{ type: 'request-approval', round: 2, recipient }]);
    const { hash = '' } = stateOf(order, key);
    const old = { type: 'decide-approval', stage: key, round: 1, approval: 'a1', hash, decision: 'approve' } as const;
    given(then.state).refuses(old, 'approval_void', { actor: client });
  });

  test('leaves no name and no address in the history', () => {
    const { events } = run(shown(), hand(1), asking(client));
    expect(events.map(({ type }) => type)).toContain('approval-delegated');
    expect(JSON.stringify(events)).not.toMatch(/dee/i);
  });

  test('can be handed on by the client alone, for what is shown now, and three times', () => {
    given(shown()).refuses(hand(1), 'forbidden', { actor: admin });
    given(shown()).refuses(hand(1, 'another'), 'approval_void', { actor: client });
    let state = shown();
    for (const round of [1, 2, 3]) {
      const next = given(state).when(hand(round, `a${round}`), client).state;
      state = given(next).when(
        { type: 'record-approval', stage: key, round: round + 1, approval: `a${round + 1}` },
        orderworks,
      ).state;
    }
    given(state).refuses(hand(4, 'a4'), 'delegated_too_often', { actor: client });
    given(state).refuses(hand(4, 'a4'), 'forbidden', { actor: checker });
  });
});
