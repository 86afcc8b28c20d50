/** What a vendor says after the stage has failed, moved on or ended: better news goes to a person and is never lost. */
import { describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, aHash, anOrder, doer, given, orderworks, start, walk } from '../support/given.ts';

const stage = 'action_needed';
const data = exampleOf(workflowFor('listings').stages.find(({ key }) => key === stage)!);
const vendor = { type: 'service', id: 'vendor-lister' } as const;
const asked = (): OrderState => walk(anOrder('listings'), stage);
const says = (outcome: 'completed' | 'failed' | 'unknown', more: object = {}) =>
  ({ type: 'record-answer', stage, round: 1, dispatch: 'd1', outcome, data: {}, ...more }) as const;
const failed = (): OrderState => given(asked()).when(says('failed'), vendor).state;
const late = (state = failed()): OrderState =>
  given(state).when(says('completed', { data, note: 'Done.' }), vendor).state;
const review = (decision: 'accept' | 'dismiss') => ({ type: 'review-answer', stage, decision }) as const;
const kinds = (state: OrderState) => alarmsOf(workflowFor('listings'), state).map(({ kind }) => kind);

describe('a late answer that it was done', () => {
  test('moves nothing, raises an alert, and is what blocks the order', () => {
    const { state } = given(failed())
      .when(says('completed', { data, note: 'Done.' }), vendor)
      .happened({ type: 'answer-came-late', stage, round: 1, dispatch: 'd1', by: vendor.id, hash: aHash });
    expect(stateOf(state, stage)).toMatchObject({ status: 'failed', late: { by: vendor.id, data, note: 'Done.' } });
    expect(kinds(state)).toContain('late-answer');
    const { blocker, unblock } = explain(state, start);
    expect(blocker).toBe(`vendor-lister says after all that "Answer the directories" was done. Done.`);
    expect(unblock).toContain('accept');
  });

  test('is accepted as the work of the vendor', () => {
    const { state } = given(late()).when(review('accept'));
    expect(stateOf(state, stage)).toMatchObject({ status: 'done', data, doer: vendor.id });
    expect(kinds(state)).not.toContain('late-answer');
    given(state).refuses(review('accept'), 'nothing_changed');
  });

  test('is dismissed with a reason, and only then forgotten', () => {
    given(late()).refuses(review('dismiss'), 'reason_required');
    const { state } = given(late()).when(review('dismiss'), doer, 'It was another shop.');
    expect(stateOf(state, stage)).not.toHaveProperty('late');
    expect(stateOf(state, stage).status).toBe('failed');
    expect(kinds(state)).not.toContain('late-answer');
  });

  test('that the stage cannot be left with is refused when it is accepted, and stays', () => {
    const state = given(failed()).when(says('completed', { data: { open: 'no list' } }), vendor).state;
    given(state).refuses(review('accept'), 'exit_data_invalid');
    expect(kinds(state)).toContain('late-answer');
  });

  test('is news also where the stage was finished or skipped without it, and no news where it was left with the same', () => {
    const other = given(asked()).when({ type: 'complete-stage', stage, data }).state;
    given(other).refuses(says('completed', { data }), 'superseded', { actor: vendor });
    const skipped = given(failed()).when({ type: 'skip-stage', stage }, admin, 'We do without.').state;
    expect(kinds(late(skipped))).toContain('late-answer');
    given(late(skipped)).refuses(review('accept'), 'stage_finished');
  });

  test('to an earlier round waits beside the new one, until that is asked for again', () => {
    const again = given(failed()).when({ type: 'retry-stage', stage }).state;
    const state = late(again);
    expect(stateOf(state, stage)).toMatchObject({ status: 'waiting', round: 2, late: { dispatch: 'd1' } });
    const second = given(state).when(says('failed', { round: 2 }), vendor).state;
    expect(kinds(second)).toEqual(expect.arrayContaining(['late-answer', 'check-failed']));
    const third = given(second).when({ type: 'retry-stage', stage }).state;
    expect(stateOf(third, stage)).not.toHaveProperty('late');
  });

  test('is said once, and comes through while the order is paused', () => {
    given(late()).refuses(says('completed', { data }), 'superseded', { actor: vendor });
    const paused = given(failed()).when({ type: 'pause' }, admin, 'Holidays.').state;
    expect(stateOf(late(paused), stage).late).toBeDefined();
  });
});

test('a late answer that is no better changes nothing', () => {
  const done = given(asked()).when(says('completed', { data }), vendor).state;
  for (const outcome of ['failed', 'unknown'] as const) {
    given(done).refuses(says(outcome), 'superseded', { actor: vendor });
    given(given(failed()).when({ type: 'retry-stage', stage }).state).refuses(says(outcome), 'superseded', {
      actor: vendor,
    });
  }
});

test('an answer to what is in doubt is awaited, and needs nobody', () => {
  const doubted = given(asked()).when(says('unknown'), orderworks).state;
  expect(stateOf(given(doubted).when(says('completed', { data }), vendor).state, stage)).toMatchObject({
    status: 'done',
    data,
  });
});

test('only a stage that asks somebody outside has answers', () => {
  given(anOrder('listings')).refuses({ type: 'review-answer', stage: 'submitted', decision: 'accept' }, 'wrong_gate');
  given(failed()).refuses(review('accept'), 'nothing_changed');
});
