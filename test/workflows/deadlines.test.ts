/** A link lives exactly as long as its stage waits: one deadline for timer, reminders, page, mails and `explain`. */
import { describe, expect, test } from 'vitest';
import { days, hours } from '../../kernel/time.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { rungsLeft } from '../../workflows/telling/ladders.ts';
import { type AskedPage, askingOf, standingOf } from '../../workflows/telling/page.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, doer, leaving, orderworks, refusalOf, start, walk } from '../support/given.ts';
import { commandOf, nextTimer } from '../support/silence.ts';

const key = 'client_approval';
const later = (ms: number) => new Date(start.getTime() + ms);
const person = { name: 'Cleo', email: 'cleo@example.com' };

const act = (state: OrderState, command: OrderCommand, { at = start, actor = doer, reason = 'Because.' } = {}) =>
  run(state, command, asking(actor, reason, at)).state;

function asked(): OrderState {
  const order = walk(anOrder('google_ads'), key);
  return act(order, { type: 'record-approval', stage: key, round: 1, approval: 'a1' }, { actor: orderworks });
}

const formAsked = (): OrderState =>
  act(anOrder('seo'), { type: 'record-link', stage: 'intake', round: 1, link: 'l1' }, { actor: orderworks });

function pageOf(state: OrderState, stage = key): AskedPage {
  const { round, hash, reader = person } = stateOf(state, stage);
  return { _id: 'a1', stage, round, recipient: reader, ...(hash !== undefined && { hash }) };
}

const deadline = (state: OrderState, stage = key) => askingOf(state, stateOf(state, stage)).expiresAt;
const expiryTimer = (state: OrderState) => state.timers?.[`expiry-${key}`];

describe('the deadline of an approval', () => {
  test('is one: its timer rings then, and nothing says another', () => {
    const state = asked();
    const end = deadline(state)!;
    expect(expiryTimer(state)?.at).toEqual(end);
    const workflow = workflowFor('google_ads');
    expect(rungsLeft(workflow, state, stateOf(state, key)).every(({ at }) => at < end)).toBe(true);
    const soon = new Date(end.getTime() - hours(1));
    const reminded = { ...state, stages: state.stages.map((stage) => ({ ...stage, reminders: allRungs })) };
    expect(explain(reminded, soon).next).toEqual({ what: expect.stringContaining('expires'), at: end });
    expect(explain(reminded, soon, { reader: 'client' }).next).toEqual({
      what: expect.stringMatching(/^The time to decide on “.+” ends\.$/),
      at: end,
    });
  });

  test('is what its page lives by: open until the stage has stopped waiting, and not a moment by the clock alone', () => {
    const state = asked();
    const page = pageOf(state);
    expect(standingOf(state, page)).toBe('open');
    const at = deadline(state)!;
    const { seq } = expiryTimer(state)!;
    const expired = act(state, { type: 'expire-approval', stage: key, round: 1, seq }, { actor: orderworks, at });
    expect([standingOf(expired, page), deadline(expired)]).toEqual(['expired', undefined]);
    expect(explain(expired, at).unblock).toContain('request the approval again');
    expect(explain(expired, at, { reader: 'client' }).unblock).toContain('ask for a new one');
  });

  test.each([2, 14, 40])('stands still in a pause of %i days, and goes on with as much time as was left', (n) => {
    const state = asked();
    const page = pageOf(state);
    const paused = act(state, { type: 'pause' }, { at: later(hours(5)) });
    expect([deadline(paused), standingOf(paused, page)]).toEqual([undefined, 'open']);
    const { seq } = expiryTimer(state)!;
    const ring = { type: 'expire-approval', stage: key, round: 1, seq } as const;
    expect(refusalOf(() => act(paused, ring, { actor: orderworks, at: later(days(30)) }))?.code).toBe('superseded');
    const resumed = act(paused, { type: 'resume' }, { at: later(hours(5) + days(n)) });
    expect([standingOf(resumed, page), expiryTimer(resumed)?.at]).toEqual(['open', deadline(resumed)]);
    expect(deadline(resumed)!.getTime()).toBeGreaterThanOrEqual(deadline(state)!.getTime() + days(n) - days(3));
  });

  test('is prolonged where it is asked for again, for the new page', () => {
    const state = asked();
    const at = later(days(3));
    const again = act(state, { type: 'request-approval', stage: key }, { at });
    expect(deadline(again)!.getTime()).toBeGreaterThan(deadline(state)!.getTime());
    expect([standingOf(again, pageOf(state)), standingOf(again, pageOf(again))]).toEqual(['superseded', 'open']);
  });

  test('moves with days that are given, never comes sooner for days that are taken, and its timer moves with it', () => {
    const state = asked();
    const given = act(state, { type: 'reschedule', stage: key, days: 5 }, { actor: admin });
    expect(deadline(given)!.getTime()).toBeGreaterThanOrEqual(deadline(state)!.getTime() + days(5));
    expect(expiryTimer(given)).toMatchObject({ at: deadline(given), seq: expiryTimer(state)!.seq + 1 });
    const early = { type: 'expire-approval', stage: key, round: 1, seq: expiryTimer(state)!.seq } as const;
    expect(refusalOf(() => act(given, early, { actor: orderworks, at: deadline(state)! }))?.code).toBe('superseded');
    const taken = act(state, { type: 'reschedule', stage: key, days: -2 }, { actor: admin });
    expect([deadline(taken), expiryTimer(taken)?.at]).toEqual([deadline(state), deadline(state)]);
  });

  test('stands still while the order is closed by mistake, and goes on when that is undone', () => {
    const state = asked();
    const cancelled = act(state, { type: 'cancel' }, { at: later(hours(1)) });
    expect([standingOf(cancelled, pageOf(state)), deadline(cancelled)]).toEqual(['ended', undefined]);
    const fields = changesOf(state, cancelled);
    const undo = { type: 'restore-values', operation: 'op', fields } as OrderCommand;
    const restored = act(cancelled, undo, { actor: admin, at: later(days(20)) });
    expect([standingOf(restored, pageOf(state)), expiryTimer(restored)?.at]).toEqual(['open', deadline(restored)]);
    expect(deadline(restored)!.getTime()).toBeGreaterThan(later(days(20)).getTime());
  });
});

const allRungs = [0, 1, 2].map((rung) => ({ about: 'approval', rung, to: 'client' as const, at: start }));

describe('the link of a form', () => {
  test('has no end while its stage waits, and no timer ends it', () => {
    let state = formAsked();
    for (let n = 0; n < 20; n += 1) {
      const next = nextTimer(state);
      if (next) state = act(state, commandOf(next), { actor: orderworks, at: next.at });
    }
    expect(nextTimer(state)).toBeUndefined();
    expect(standingOf(state, pageOf(state, 'intake'))).toBe('open');
    expect(deadline(state, 'intake')).toBeUndefined();
  });

  test('is there after a pause as it was before', () => {
    const state = formAsked();
    const paused = act(state, { type: 'pause' });
    const resumed = act(paused, { type: 'resume' }, { at: later(days(90)) });
    expect([paused, resumed].map((one) => standingOf(one, pageOf(state, 'intake')))).toEqual(['open', 'open']);
  });

  test('is held, and not dead, while its stage lacks something else', () => {
    const state = formAsked();
    const { status, holder, waitingFor } = stateOf(state, 'intake');
    const blocked = { facts: ['grant.cms'], was: { status, holder: holder!, waitingFor: waitingFor! } };
    const stages = state.stages.map((stage) =>
      stage.key === 'intake' ? { ...stage, blocked, waitingFor: 'fact', holder: 'third_party' as const } : stage,
    );
    expect(standingOf({ ...state, stages }, pageOf(state, 'intake'))).toBe('held');
  });

  test('dies with the waiting: answered, sent back, or settled without the client', () => {
    const state = formAsked();
    const page = pageOf(state, 'intake');
    const skipped = act(state, { type: 'override-stage', stage: 'intake', action: 'skip' }, { actor: admin });
    const completed = act(state, { type: 'override-stage', stage: 'intake', action: 'complete' }, { actor: admin });
    expect([skipped, completed].map((one) => standingOf(one, page))).toEqual(['settled', 'settled']);
    expect(standingOf(leaving(state, 'intake'), page)).toBe('answered');
    const restarted = act(state, { type: 'restart-stage', stage: 'intake' });
    expect(standingOf(restarted, page)).toBe('superseded');
    expect(standingOf(act(state, { type: 'clear' }, { actor: admin }), page)).toBe('ended');
  });
});
