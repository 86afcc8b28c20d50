/** Rounds of change that a tier includes, and stages that a tier goes without. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { aHash, anOrder, client, doer, given, leaving, start, walk } from '../support/given.ts';

const decide = (order: OrderState, decision: 'approve' | 'changes', comment?: string): OrderCommand => {
  const { key, round, hash = '' } = stateOf(order, order.stage ?? '');
  return { type: 'decide-approval', stage: key, round, approval: `${key}-${round}`, hash, decision, comment };
};

/** A site order whose client has used up the change of the basic tier and asks for one more. */
function askedOnceTooOften(): OrderState {
  const shown = walk(anOrder('site', { tier: 'basic' }), 'design_approval');
  const changed = given(shown).when(decide(shown, 'changes', 'Bluer.'), client).state;
  const again = leaving(changed, 'design_draft');
  return given(again)
    .when(decide(again, 'changes', 'Greener.'), client)
    .happened(
      {
        type: 'approval-decided',
        stage: 'design_approval',
        round: 2,
        approval: 'design_approval-2',
        decision: 'changes',
        hash: aHash,
      },
      { type: 'rounds-used-up', stage: 'design_approval', round: 2 },
    ).state;
}

describe('a change beyond what the tier includes', () => {
  const order = askedOnceTooOften();

  test('is kept, and goes to the agency instead of back to work', () => {
    expect(stateOf(order, 'design_approval')).toMatchObject({
      waitingFor: 'change-order',
      note: 'Greener.',
      changes: 2,
    });
    expect(explain(order, start)).toMatchObject({
      holder: 'agency',
      blocker: expect.stringContaining('No revision rounds are left'),
    });
  });

  test('is not asked for again', () => {
    given(order).refuses(decide(order, 'changes'), 'rounds_used_up', { actor: client });
  });

  test('can still be given up by an approval', () => {
    expect(given(order).when(decide(order, 'approve'), client).state.stage).toBe('build');
  });

  test('goes back to work once a round is granted, with a reason', () => {
    given(order).refuses({ type: 'grant-round', stage: 'design_approval' }, 'reason_required');
    const { state } = given(order).when({ type: 'grant-round', stage: 'design_approval' }, doer, 'Sold for 200.');
    expect(stateOf(state, 'design_draft')).toMatchObject({ status: 'ready', round: 3, note: 'Greener.' });
  });

  test('is granted only where one is waited for', () => {
    const waiting = walk(anOrder('site'), 'design_approval');
    given(waiting).refuses({ type: 'grant-round', stage: 'design_approval' }, 'stage_not_ready', { reason: 'So.' });
  });
});

describe('a stage that the tier goes without', () => {
  test('is skipped with that reason', () => {
    const order = walk(anOrder('content', { tier: 'basic' }), 'drafting');
    expect(stateOf(order, 'brief_approval')).toMatchObject({
      status: 'skipped',
      note: 'The basic tier goes without the approval of briefs.',
    });
  });

  test('is part of the other tiers', () => {
    expect(walk(anOrder('content', { tier: 'standard' }), 'brief_approval').stage).toBe('brief_approval');
  });
});

describe('changing an order', () => {
  test('names the fields and keeps the words out of the event', () => {
    const { state } = given(anOrder('seo'))
      .when({ type: 'update-order', title: 'Another title' })
      .happened({ type: 'order-updated', fields: ['title'], hash: aHash });
    expect(state.title).toBe('Another title');
    given(state).refuses({ type: 'update-order', title: 'Another title' }, 'nothing_changed');
  });
});
