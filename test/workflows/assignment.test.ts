/** Who is responsible: one manager, specialists, dated, by reference alone, and what each of them carries. */
import { describe, expect, test } from 'vitest';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { responsibleFor } from '../../workflows/rules/assignment.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { anOrder, asking, doer, given, minutesLater, start, walk } from '../support/given.ts';

const ann = { type: 'assign', manager: 'ann' } as const;
const kinds = (state: OrderState) => alarmsOf(workflowFor(state.product), state).map(({ kind }) => kind);

describe('an assignment', () => {
  test('names who leads and who has which stage, from when', () => {
    const specialists = [{ staff: 'bob' }, { staff: 'cem', stage: 'baseline_audit' }];
    const { state } = given(anOrder('seo'))
      .when({ ...ann, specialists })
      .happened({
        type: 'order-assigned',
        begun: [
          { staff: 'ann', as: 'manager' },
          { staff: 'bob', as: 'specialist' },
          { staff: 'cem', stage: 'baseline_audit', as: 'specialist' },
        ],
        ended: [],
      });
    expect(state).toMatchObject({ manager: 'ann', assignees: ['ann', 'bob', 'cem'] });
    expect(state.assignments?.map(({ staff, from, to }) => [staff, from, to])).toEqual([
      ['ann', start, undefined],
      ['bob', start, undefined],
      ['cem', start, undefined],
    ]);
    expect(['baseline_audit', 'intake'].map((stage) => responsibleFor(state, stage))).toEqual(['cem', 'bob']);
  });

  test('that follows another ends it and keeps what is not named', () => {
    const first = given(anOrder('seo')).when({ ...ann, specialists: [{ staff: 'bob' }] }).state;
    const later = run(first, { type: 'assign', manager: 'dee' }, asking(doer, undefined, minutesLater(60))).state;
    expect(later.assignees).toEqual(['bob', 'dee']);
    expect(later.assignments).toContainEqual({ staff: 'ann', as: 'manager', from: start, to: minutesLater(60) });
    const nobody = given(later).when({ type: 'assign', manager: null, specialists: [] }).state;
    expect(nobody).toMatchObject({ assignees: [] });
    expect(nobody.manager).toBeUndefined();
  });

  test('changes nothing when it is so already, and names the stage that is not there', () => {
    const state = given(anOrder('seo')).when(ann).state;
    given(state).refuses(ann, 'nothing_changed');
    const lost = given(state).refuses(
      { type: 'assign', specialists: [{ staff: 'x', stage: 'moon' }] },
      'unknown_stage',
    );
    expect(lost.errors[0]?.pointer).toBe('/specialists/0/stage');
  });

  test('counts the open stages of each while the order is being set up, and no longer once it is live', () => {
    const assigned = given(anOrder('seo')).when({ ...ann, specialists: [{ staff: 'bob', stage: 'intake' }] }).state;
    expect(assigned.load).toEqual([
      { staff: 'ann', stages: 0 },
      { staff: 'bob', stages: 1 },
    ]);
    expect(walk(assigned).load).toBeUndefined();
  });

  test('has the loads of those weighed who have one order more or one less', () => {
    const weighed = (effects: { type: string }[]) => effects.filter(({ type }) => type === 'weigh');
    const first = run(anOrder('seo'), ann, asking(doer));
    expect(weighed(first.effects)).toEqual([{ type: 'weigh', staff: 'ann' }]);
    const cancelled = run(first.state, { type: 'cancel' }, asking(doer, 'They left.'));
    expect(weighed(cancelled.effects)).toEqual([{ type: 'weigh', staff: 'ann' }]);
  });

  test('is missed once the team has to work, and no longer when somebody has it', () => {
    expect(kinds(anOrder('seo'))).not.toContain('unassigned');
    const order = walk(anOrder('seo'), 'access_granted');
    expect(kinds(order)).toContain('unassigned');
    expect(kinds(given(order).when(ann).state)).not.toContain('unassigned');
  });
});
