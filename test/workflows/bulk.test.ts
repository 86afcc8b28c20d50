/** The rules of a bulk operation: what it may do when, what it would do to each order, and how it ends. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bulkAction, lasting } from '../../workflows/bulk/action.ts';
import * as rules from '../../workflows/bulk/operation.ts';
import { diffOf, rehearse } from '../../workflows/bulk/rehearse.ts';
import { countsOfItems, noCounts, sumOf } from '../../workflows/bulk/tally.ts';
import { admin, anOrder, asking, doer, given, minutesLater, refusalOf, start, walk } from '../support/given.ts';

const planned: rules.Progressing = {
  ...{ status: 'planned', epoch: 0, reopen: 0, ran: 0 },
  plan: {
    hash: 'a',
    total: 10,
    verdicts: { will_change: 8, no_op: 1, refused: 1, conflict: 0 },
    expiresAt: minutesLater(60),
  },
};
const running: rules.Progressing = { ...planned, status: 'running', epoch: 1, runsSince: start };
const now = minutesLater(1);
const codeOf = (act: () => unknown) => refusalOf(act)?.code;

describe('a start', () => {
  const starting = (with_: Partial<rules.Starting> = {}) => ({ now, hash: 'a', ...with_ });

  test('takes the plan that was shown, once', () => {
    expect(rules.start(planned, starting())).toMatchObject({ status: 'running', epoch: 1, active: true });
    expect(codeOf(() => rules.start(running, starting()))).toBe('operation_started');
    expect(codeOf(() => rules.start(planned, starting({ hash: 'b' })))).toBe('plan_changed');
    expect(codeOf(() => rules.start({ ...planned, status: 'planning' }, starting()))).toBe('operation_not_planned');
  });

  test('takes no plan that has expired', () => {
    expect(codeOf(() => rules.start(planned, starting({ now: minutesLater(60) })))).toBe('plan_expired');
  });

  test('takes no plan whose count has moved by more than one in a hundred', () => {
    expect(codeOf(() => rules.start(planned, starting({ matchesNow: 11 })))).toBe('plan_changed');
    const many = { ...planned, plan: { ...planned.plan!, total: 1_000 } };
    expect(rules.start(many, starting({ matchesNow: 1_010 }))).toMatchObject({ status: 'running' });
    expect(codeOf(() => rules.start(many, starting({ matchesNow: 1_011 })))).toBe('plan_changed');
  });

  test('of more than a thousand takes their number, typed', () => {
    const verdicts = { ...planned.plan!.verdicts, will_change: 1_001 };
    const large = { ...planned, plan: { ...planned.plan!, verdicts } };
    for (const confirm of [undefined, 1_000, 1_010]) {
      expect(codeOf(() => rules.start(large, starting({ confirm })))).toBe('confirmation_required');
    }
    expect(rules.start(large, starting({ confirm: 1_001 }))).toMatchObject({ status: 'running' });
  });

  test('where no order would change is refused', () => {
    const verdicts = { will_change: 0, no_op: 9, refused: 1, conflict: 0 };
    const idle = { ...planned, plan: { ...planned.plan!, verdicts } };
    expect(codeOf(() => rules.start(idle, starting()))).toBe('nothing_changed');
  });
});

describe('a running operation', () => {
  test('pauses and resumes, each time under its next number, and counts the time it ran', () => {
    const paused = { ...running, ...rules.pause(running, minutesLater(2)) };
    expect(paused).toMatchObject({ status: 'paused', ran: 120_000, runsSince: null });
    expect(codeOf(() => rules.pause(paused, now))).toBe('operation_not_running');
    expect(rules.resume(paused, now)).toMatchObject({ status: 'running', epoch: 2 });
    expect(codeOf(() => rules.resume(running, now))).toBe('operation_not_paused');
  });

  test('is cancelled item by item; a plan that was never started, at once', () => {
    expect(rules.cancel(running, now)).toMatchObject({ status: 'cancelling', epoch: 2 });
    expect(rules.cancel(planned, now)).toMatchObject({ status: 'cancelled', endedAt: now });
    expect(codeOf(() => rules.cancel({ ...running, status: 'completed' }, now))).toBe('operation_ended');
  });

  test('ends as its items ended, and not before all have', () => {
    const end = (counts: Partial<rules.Counts>, from = running) =>
      rules.finish(from, { ...noCounts, ...counts }, now).status;
    expect(end({ updated: 8, no_op: 1, refused: 1 })).toBe('completed');
    expect(end({ updated: 7, no_op: 1, refused: 2 })).toBe('completed_with_failures');
    expect(end({ updated: 7, conflict: 1, no_op: 2 })).toBe('completed_with_failures');
    expect(end({ failed: 8, refused: 2 })).toBe('failed');
    expect(end({ updated: 3, cancelled: 5 }, { ...running, status: 'cancelling' })).toBe('cancelled');
    expect(codeOf(() => end({ open: 1, updated: 9 }))).toBe('superseded');
  });

  test('without a failure is completed, though others were faster or the plan knew of what would not change', () => {
    const end = (counts: Partial<rules.Counts>, from = running) =>
      rules.finish(from, { ...noCounts, ...counts }, now).status;
    expect(end({ updated: 6, no_op: 3, refused: 1 })).toBe('completed');
    expect(end({ no_op: 9, refused: 1 })).toBe('completed');
    const withConflict = {
      ...running,
      plan: { ...running.plan!, verdicts: { will_change: 7, no_op: 1, refused: 1, conflict: 1 } },
    };
    expect(end({ updated: 7, no_op: 1, refused: 1, conflict: 1 }, withConflict)).toBe('completed');
    expect(end({ updated: 6, no_op: 1, refused: 1, conflict: 2 }, withConflict)).toBe('completed_with_failures');
    expect(end({ updated: 7, no_op: 1, refused: 1, conflict: 1 }, { ...withConflict, reopen: 2 })).toBe(
      'completed_with_failures',
    );
  });

  test('is failed only where nothing came of it, and cancelled only where something was', () => {
    const end = (counts: Partial<rules.Counts>, status: rules.Progressing['status'] = 'running') =>
      rules.finish({ ...running, status }, { ...noCounts, ...counts }, now).status;
    expect(end({ no_op: 1, refused: 9 })).toBe('failed');
    expect(end({ no_op: 2, refused: 8 })).toBe('completed_with_failures');
    expect(end({ updated: 8, no_op: 1, refused: 1 }, 'cancelling')).toBe('completed');
    expect(end({ no_op: 1, refused: 1, cancelled: 8 }, 'cancelling')).toBe('cancelled');
  });

  test('that changed nothing offers no undo', () => {
    expect(rules.finish(running, { ...noCounts, no_op: 9, refused: 1 }, now)).not.toHaveProperty('undoUntil');
    expect(rules.finish(running, { ...noCounts, updated: 8, no_op: 1, refused: 1 }, now)).toHaveProperty('undoUntil');
  });

  test('that has ended opens what failed or met a conflict once more', () => {
    const over = { ...running, status: 'completed_with_failures' as const };
    expect(rules.retryFailed(over, { ...noCounts, conflict: 2 }, now)).toMatchObject({ status: 'running', reopen: 2 });
    expect(codeOf(() => rules.retryFailed(over, noCounts, now))).toBe('nothing_changed');
    expect(codeOf(() => rules.retryFailed(running, noCounts, now))).toBe('operation_not_ended');
  });

  test('can be undone for a week after its end', () => {
    const over = { ...running, status: 'completed' as const, undoUntil: minutesLater(10) };
    expect(codeOf(() => rules.requireUndoable(over, minutesLater(9)))).toBeUndefined();
    expect(codeOf(() => rules.requireUndoable(over, minutesLater(10)))).toBe('undo_expired');
    expect(codeOf(() => rules.requireUndoable(running, now))).toBe('operation_not_ended');
  });
});

describe('a rehearsal', () => {
  const order = anOrder('google_ads');
  const verdictOf = (action: object, state = order, actor = admin) => {
    const found = rehearse(bulkAction.parse(action), state, asking(actor, 'because'));
    return found.verdict === 'will_change' ? found.verdict : `${found.verdict}: ${found.rule}`;
  };

  test('says what would change, before and after', () => {
    const found = rehearse({ type: 'set-priority', priority: 'high' }, order, asking(admin));
    expect(found.verdict === 'will_change' && diffOf(found)).toEqual([
      { path: 'priority', before: null, after: 'high' },
    ]);
  });

  test('tells what is so already from what a rule refuses', () => {
    const paused = given(order).when({ type: 'pause' }, admin, 'holiday').state;
    expect(verdictOf({ type: 'set-status', status: 'paused' })).toBe('will_change');
    expect(verdictOf({ type: 'set-status', status: 'paused' }, paused)).toBe('no_op: order_paused');
    expect(verdictOf({ type: 'set-status', status: 'active' })).toBe('no_op: order_not_paused');
    expect(verdictOf({ type: 'set-status', status: 'completed' })).toBe('refused: order_not_live');
    expect(verdictOf({ type: 'complete-stage', stage: 'build', data: {} })).toMatch(/^refused: /);
    expect(verdictOf({ type: 'complete-stage', stage: 'nonsense', data: {} })).toBe('refused: unknown_stage');
    expect(verdictOf({ type: 'migrate-order', version: 9 })).toBe('refused: unknown_version');
    expect(verdictOf({ type: 'migrate-order', version: 1 })).toBe('no_op: nothing_changed');
    expect(verdictOf({ type: 'resend-link' }, anOrder('software'))).toBe('refused: wrong_gate');
  });

  test('asks the rule as the person who asks: who may not override one order may not override many', () => {
    const built = walk(anOrder('google_ads'), 'build');
    expect(verdictOf({ type: 'move-stage', stage: 'qa' }, built, doer)).toBe('refused: forbidden');
  });

  test('has the same guard as long as the change would write over the same', () => {
    const guardOf = (state: typeof order) => {
      const found = rehearse({ type: 'set-priority', priority: 'high' }, state, asking(admin));
      return found.verdict === 'will_change' ? found.guard : found.verdict;
    };
    const noted = given(order).when({ type: 'note-order', text: 'Seen.' }).state;
    const lower = given(order).when({ type: 'set-priority', priority: 'low' }).state;
    expect(guardOf(noted)).toBe(guardOf(order));
    expect(guardOf(lower)).not.toBe(guardOf(order));
  });

  test('says beforehand what an undo would not take back', () => {
    expect(lasting({ type: 'set-status', status: 'cancelled' }).what.join()).toMatch(/emails cannot be recalled/);
    expect(lasting({ type: 'resend-link' })).toMatchObject({ all: true });
    expect(lasting({ type: 'set-priority', priority: 'low' })).toEqual({ all: false, what: [] });
  });
});

describe('counts', () => {
  const item = fc.record({ outcome: fc.option(fc.constantFrom(...rules.outcomes), { nil: undefined }) });

  test('of pages add up to all of their items', () => {
    fc.assert(
      fc.property(fc.array(fc.array(item)), (pages) => {
        const sum = sumOf(pages.map(countsOfItems));
        expect(sum).toEqual(countsOfItems(pages.flat()));
        expect(Object.values(sum).reduce((a, b) => a + b, 0)).toBe(pages.flat().length);
      }),
    );
  });
});
