/** Whom a stage asks follows from what the order knows now: a corrected address is followed by everything that is open. */
import { describe, expect, test } from 'vitest';
import { days } from '../../kernel/time.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { askingOf, standingOf } from '../../workflows/telling/page.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Effect } from '../../workflows/words/effects.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, client, doer, orderworks, refusalOf, start, walk } from '../support/given.ts';

const wrong = { name: 'Cleo', email: 'cleo@example.com' };
const right = { name: 'Cleo', email: 'cleo@example.org' };
const dee = { name: 'Dee', email: 'dee@example.com' };
const eve = { name: 'Eve', email: 'eve@example.com' };
const key = 'client_approval';
const approver = 'ann@example.com';

const later = (n: number) => new Date(start.getTime() + days(n));
const change = (state: OrderState, command: OrderCommand, { at = start, actor = doer, reason = 'Because.' } = {}) =>
  run(state, command, asking(actor, reason, at));
const act = (...asked: Parameters<typeof change>) => change(...asked).state;

type Asks = Extract<Effect, { type: 'issue-link' | 'request-approval' }>;
const asksIn = (effects: Effect[]) =>
  effects
    .filter((effect): effect is Asks => effect.type === 'issue-link' || effect.type === 'request-approval')
    .map(({ stage, round, recipient }) => [stage, round, recipient.email]);

const formAsked = () =>
  act(anOrder('seo'), { type: 'record-link', stage: 'intake', round: 1, link: 'l1' }, { actor: orderworks });
const approvalAsked = (product = 'google_ads') => recorded(walk(anOrder(product), key), 1);
const recorded = (state: OrderState, round: number) =>
  act(state, { type: 'record-approval', stage: key, round, approval: `a${round}` }, { actor: orderworks });
const correct = { type: 'update-order', client: right } as const;
const readerIn = (state: OrderState, stage: string) => askingOf(state, stateOf(state, stage)).recipient?.email;
const formPage = { _id: 'l1', stage: 'intake', round: 1, recipient: wrong };
const pageFor = (state: OrderState, recipient: { name: string; email: string }) => {
  const { round, hash = '' } = stateOf(state, key);
  return { _id: `a${round}`, stage: key, round, recipient, hash };
};
/** Every form that names an approver names the client. */
function withoutApprover(state: OrderState): OrderState {
  const stages = state.stages.map(({ data, ...stage }) =>
    data?.['approver'] ? { ...stage, data: { ...data, approver: wrong } } : { ...stage, ...(data && { data }) },
  );
  return { ...state, stages };
}

describe('a corrected address of the client', () => {
  test('is asked at once for the form that is open, whose page is dead for the old one', () => {
    const { state, effects } = change(formAsked(), correct);
    expect(asksIn(effects)).toEqual([['intake', 1, right.email]]);
    expect([standingOf(state, formPage), standingOf(state, { ...formPage, recipient: right })]).toEqual([
      'superseded',
      'open',
    ]);
  });

  test('is asked though the link for the old one is not recorded yet, which then is not recorded any more', () => {
    const { state, effects } = change(anOrder('seo'), correct);
    expect(asksIn(effects)).toEqual([['intake', 1, right.email]]);
    const late = { type: 'record-link', stage: 'intake', round: 1, link: 'l1', to: wrong.email } as const;
    expect(refusalOf(() => act(state, late, { actor: orderworks }))?.code).toBe('superseded');
    act(state, { ...late, to: right.email }, { actor: orderworks });
  });

  test('begins the reminders anew', () => {
    const reminded = act(
      formAsked(),
      { type: 'remind', stage: 'intake', round: 1 },
      { actor: orderworks, at: later(6) },
    );
    expect(stateOf(reminded, 'intake').reminders?.length).toBeGreaterThan(0);
    const { since, reminders } = stateOf(act(reminded, correct, { at: later(7) }), 'intake');
    expect([since, reminders]).toEqual([later(7), undefined]);
  });

  test('is asked for the approval under a new round, where the client approves', () => {
    const order = approvalAsked();
    expect(asksIn(change(order, correct).effects)).toEqual([]);
    expect(readerIn(order, key)).toBe(approver);
    const own = act(withoutApprover(order), { type: 'request-approval', stage: key });
    expect(readerIn(own, key)).toBe(wrong.email);
    const { state, effects } = change(own, correct);
    expect(asksIn(effects)).toEqual([[key, 3, right.email]]);
    expect(standingOf(state, pageFor(own, wrong))).toBe('superseded');
  });

  test('is asked again for an approval that has expired with the wrong one', () => {
    const own = act(withoutApprover(approvalAsked()), { type: 'request-approval', stage: key });
    const expired = act(own, { type: 'expire-approval', stage: key, round: 2 }, { actor: orderworks });
    expect(asksIn(change(expired, correct).effects)).toEqual([[key, 3, right.email]]);
  });

  test('waits for the end of a pause; until then nobody is written to, and the old page stays dead', () => {
    const paused = act(formAsked(), { type: 'pause' });
    const { state, effects } = change(paused, correct);
    expect([asksIn(effects), standingOf(state, formPage)]).toEqual([[], 'superseded']);
    expect(asksIn(change(state, { type: 'resume' }, { at: later(60) }).effects)).toEqual([['intake', 1, right.email]]);
  });

  test('leaves alone whoever was named instead of the client, and what the client has answered', () => {
    const named = change(formAsked(), { type: 'issue-link', stage: 'intake', recipient: dee });
    expect(asksIn(named.effects)).toEqual([['intake', 1, dee.email]]);
    const known = act(
      named.state,
      { type: 'record-link', stage: 'intake', round: 1, link: 'l2' },
      { actor: orderworks },
    );
    expect(asksIn(change(known, correct).effects)).toEqual([]);
    expect(asksIn(change(known, { type: 'issue-link', stage: 'intake' }).effects)).toEqual([['intake', 1, dee.email]]);
    const other = { type: 'update-order', client: eve } as const;
    expect(readerIn(act(act(known, correct), other), 'intake')).toBe(dee.email);
  });

  test('is that of the same person: another client takes no approval from whom the form names', () => {
    const order = withoutApprover(approvalAsked());
    const changed = act(order, { type: 'update-order', client: eve });
    expect(readerIn(changed, key)).toBe(wrong.email);
    expect(readerIn(act(order, correct), key)).toBe(right.email);
  });

  test('changes nothing that is asked where only the name, or the case of the address, is another', () => {
    for (const one of [
      { ...wrong, name: 'Cleo C.' },
      { ...wrong, email: 'Cleo@Example.com' },
    ]) {
      const { state, effects } = change(formAsked(), { type: 'update-order', client: one });
      expect([asksIn(effects), standingOf(state, formPage)]).toEqual([[], 'open']);
    }
  });

  test('counts for the next round, and for stages that were asked before readers were kept', () => {
    const order = formAsked();
    const stages = order.stages.map(({ reader: _, ...stage }) => stage);
    const { effects } = change({ ...order, stages }, correct);
    expect(asksIn(effects)).toEqual([['intake', 1, right.email]]);
    const restarted = change(act(order, correct), { type: 'restart-stage', stage: 'intake' });
    expect(asksIn(restarted.effects)).toEqual([['intake', 2, right.email]]);
  });

  test('is followed again where an undo puts a stage back that had asked the old one', () => {
    const order = formAsked();
    const skipped = act(order, { type: 'skip-stage', stage: 'intake' }, { actor: admin });
    const corrected = act(skipped, correct);
    const fields = changesOf(order, skipped).filter(({ path }) => path === 'stages.intake');
    const undo = { type: 'restore-values', operation: 'op', fields } as OrderCommand;
    expect(asksIn(change(corrected, undo, { actor: admin }).effects)).toContainEqual(['intake', 1, right.email]);
  });
});

describe('an approver whom staff name', () => {
  const name = (recipient = dee) => ({ type: 'request-approval', stage: key, recipient }) as const;

  test('is asked under a new round, the page of the one before is dead, and history tells no name', () => {
    const order = approvalAsked();
    const { state, effects, events } = change(order, name());
    expect(asksIn(effects)).toEqual([[key, 2, dee.email]]);
    expect(standingOf(state, pageFor(order, { name: 'Ann', email: approver }))).toBe('superseded');
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['approver-named', 'stage-entered']));
    expect(JSON.stringify(events)).not.toMatch(/"Dee"|dee@/);
  });

  test('is asked though the request to the one before is still under way, and once', () => {
    const order = walk(anOrder('google_ads'), key);
    expect(refusalOf(() => act(order, { type: 'request-approval', stage: key }))?.code).toBe('request_underway');
    const named = change(order, name());
    expect(asksIn(named.effects)).toEqual([[key, 2, dee.email]]);
    expect(refusalOf(() => act(named.state, name()))?.code).toBe('request_underway');
  });

  test('is asked again in the second round, after changes, and when it is requested or renewed', () => {
    let state = recorded(act(approvalAsked(), name()), 2);
    const { hash = '' } = stateOf(state, key);
    const changes = {
      type: 'decide-approval',
      stage: key,
      round: 2,
      approval: 'a2',
      hash,
      decision: 'changes',
    } as const;
    state = walk(act(state, { ...changes, comment: 'Less.' }, { actor: client }), key);
    expect(readerIn(state, key)).toBe(dee.email);
    const { round } = stateOf(state, key);
    expect(readerIn(act(recorded(state, round), { type: 'request-approval', stage: key }), key)).toBe(dee.email);
  });

  test('is named for later approvals, too, and for one that is open and asks somebody else', () => {
    const order = walk(anOrder('content', { tier: 'premium' }), 'brief_approval');
    const { state, effects } = change(order, name());
    expect(asksIn(effects)).toEqual([['brief_approval', 2, dee.email]]);
    expect(readerIn(walk(state, key), key)).toBe(dee.email);
  });

  test('is named in a pause, and asked at its end', () => {
    const paused = act(approvalAsked(), { type: 'pause' });
    const { state, effects } = change(paused, name());
    expect([asksIn(effects), standingOf(state, pageFor(paused, { name: 'Ann', email: approver }))]).toEqual([
      [],
      'superseded',
    ]);
    expect(asksIn(change(state, { type: 'resume' }).effects)).toEqual([[key, 2, dee.email]]);
    expect(refusalOf(() => act(paused, { type: 'request-approval', stage: key }))?.code).toBe('order_paused');
  });

  test('takes the place of whom the client had passed the decision on to, who stays for later rounds otherwise', () => {
    const handed = { type: 'delegate-approval', stage: key, round: 1, approval: 'a1', recipient: eve } as const;
    const delegated = recorded(act(approvalAsked(), handed, { actor: client }), 2);
    expect(readerIn(act(delegated, { type: 'request-approval', stage: key }), key)).toBe(eve.email);
    expect(asksIn(change(delegated, name()).effects)).toEqual([[key, 3, dee.email]]);
  });

  test('is named for a stage that is not over and asks for an approval', () => {
    const done = walk(anOrder('google_ads'));
    expect(refusalOf(() => act(done, name()))?.code).toBe('stage_finished');
    const wrongGate = { type: 'request-approval', stage: 'intake', recipient: dee } as const;
    expect(refusalOf(() => act(anOrder('google_ads'), wrongGate))?.code).toBe('wrong_gate');
  });
});
