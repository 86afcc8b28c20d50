/** What was ended by mistake goes on again: by a single command as by a bulk operation, in the same window, by the same rule. */
import { describe, expect, test } from 'vitest';
import { days } from '../../kernel/time.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, checker, given, orderworks, start, walk } from '../support/given.ts';

const open = walk(anOrder('google_ads'), 'campaign_plan');
const live = walk(anOrder('software'));

/** What can be put back of an order; the rest follows from it or only grows. */
const kept = (before: OrderState, after: OrderState) => changesOf(before, after).map(({ path }) => path);

const close = (state: OrderState, type: 'cancel' | 'clear' | 'complete-order') =>
  given(state).when({ type }, admin, 'Ended.').state;
const undo = (closing: 'cancel' | 'clear' | 'complete-order'): OrderCommand => ({ type: 'undo-closing', closing });

describe('the end of an order', () => {
  test.each([
    ['cancel', open],
    ['clear', open],
    ['complete-order', live],
    ['clear', live],
  ] as const)('by "%s" is undone, and the order stands where it stood', (how, before) => {
    const ended = close(before, how);
    const { state } = given(ended).when(undo(how), admin, 'A mistake.');
    expect(kept(before, state)).toEqual([]);
    expect(state.closings).toBeUndefined();
    expect(state.closedAt).toBeUndefined();
    expect(state.clearedAt).toBeUndefined();
  });

  test('is undone by the single command exactly as by the undo of a bulk operation', () => {
    const ended = close(open, 'cancel');
    const fields = changesOf(open, ended);
    const inBulk = given(ended).when({ type: 'restore-values', operation: 'bulk', fields }, admin, 'A mistake.');
    const alone = given(ended).when(undo('cancel'), admin, 'A mistake.');
    expect(alone.state).toEqual({ ...inBulk.state, timers: alone.state.timers });
    expect(alone.effects).toEqual(inBulk.effects);
  });

  test('is undone in steps: what was cancelled and then cleared is cancelled again first', () => {
    const cleared = close(close(open, 'cancel'), 'clear');
    given(cleared).refuses(undo('cancel'), 'value_moved', { actor: admin, reason: 'A mistake.' });
    const { state, effects } = given(cleared).when(undo('clear'), admin, 'A mistake.');
    expect(state).toMatchObject({ status: 'cancelled', closedAt: start });
    expect(state.clearedAt).toBeUndefined();
    expect(effects).toEqual([]);
    const again = given(state).when(undo('cancel'), admin, 'A mistake.');
    expect(kept(open, again.state)).toEqual([]);
    expect(again.effects).toContainEqual(expect.objectContaining({ template: 'cancellation-withdrawn' }));
  });

  test('that paused the order returns it to the pause', () => {
    const paused = given(open).when({ type: 'pause' }, admin, 'Holiday.').state;
    expect(given(close(paused, 'cancel')).when(undo('cancel'), admin, 'A mistake.').state).toMatchObject({
      status: 'paused',
      pausedFrom: 'setup',
    });
  });

  test('can be undone for seven days, and no longer', () => {
    const ended = close(open, 'cancel');
    const asked = (ms: number) => asking(admin, 'A mistake.', new Date(start.getTime() + ms));
    expect(run(ended, undo('cancel'), asked(days(7) - 1)).state.status).toBe('setup');
    expect(() => run(ended, undo('cancel'), asked(days(7)))).toThrow(/It could be undone until 2026-03-09/);
  });

  test('is undone with a reason, once, and only where there is one', () => {
    const ended = close(open, 'cancel');
    given(ended).refuses(undo('cancel'), 'reason_required', { actor: admin });
    given(open).refuses(undo('cancel'), 'order_open', { actor: admin, reason: 'A mistake.' });
    const undone = given(ended).when(undo('cancel'), admin, 'A mistake.').state;
    given(undone).refuses(undo('cancel'), 'order_open', { actor: admin, reason: 'A mistake.' });
    const { closings: _, ...old } = ended;
    given(old).refuses(undo('cancel'), 'not_undoable', { actor: admin, reason: 'A mistake.' });
  });

  test('is no way around a subscription that is not active', () => {
    const held = run(
      open,
      { type: 'record-fact', fact: 'subscription.active', holds: false, seq: 1 },
      asking(orderworks),
    ).state;
    const back = given(close(held, 'cancel')).when(undo('cancel'), admin, 'A mistake.').state;
    expect(back).toMatchObject({ status: 'paused', pausedBy: 'subscription' });
  });

  test('is corrected by a letter to the client who was told, and to no other', () => {
    const templates = (how: 'cancel' | 'clear') => {
      const ended = close(open, how);
      return given(ended)
        .when(undo(how), admin, 'A mistake.')
        .effects.flatMap((effect) => (effect.type === 'notify' ? [effect.template] : []));
    };
    expect(templates('cancel')).toEqual(['cancellation-withdrawn']);
    expect(templates('clear')).toEqual([]);
  });

  test('says itself until when it is undone', () => {
    const at = (ms: number) => explain(close(open, 'cancel'), new Date(start.getTime() + ms)).unblock;
    expect(at(0)).toBe('Undo the cancellation until 2026-03-09, or create a new order.');
    expect(at(days(8))).toBe('Create a new order.');
  });

  test('leaves work that goes on able to end as ever', () => {
    const back = given(close(open, 'cancel')).when(undo('cancel'), admin, 'A mistake.').state;
    expect(walk(back).status).toBe('live');
    given(walk(back, 'qa')).refuses({ type: 'begin-stage', stage: 'qa' }, 'same_person');
    given(walk(back, 'qa')).when({ type: 'begin-stage', stage: 'qa' }, checker);
  });
});
