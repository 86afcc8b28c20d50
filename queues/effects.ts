/** Where each effect of a workflow is carried out: one effect, one work item. */
import { system } from '../kernel/actor.ts';
import { hashedId } from '../kernel/ids.ts';
import type { EffectDraft } from '../kernel/work.ts';
import { changesSpans } from '../workflows/analytics/spans.ts';
import type { Change } from '../workflows/engine/unfold.ts';
import type { Effect } from '../workflows/words/effects.ts';
import type { Origin } from './contract.ts';

/** All that one change of an order asks for elsewhere, as work items. */
export function draftsOfChange({ events, effects }: Pick<Change, 'events' | 'effects'>, order: string, origin: Origin) {
  const drafts = draftsOf(effects, order, origin);
  return changesSpans(events) ? [...drafts, spanDraft(order, origin)] : drafts;
}

/** The item that brings an order's spans up to date. One for each commit that changed them, after its other effects. */
function spanDraft(order: string, origin: Origin): EffectDraft {
  return { ...origin, actor: system, order, schema: 1, queue: 'analytics', kind: 'span', payload: { order } };
}

type Placed = Pick<EffectDraft, 'queue' | 'kind' | 'payload'> &
  Partial<Pick<EffectDraft, '_id' | 'runAt' | 'cause' | 'actor'>>;

/** The work items of an order's effects. `origin` says who and what they come from. */
function draftsOf(effects: Effect[], order: string, origin: Origin): EffectDraft[] {
  const of = { order, account: origin.account };
  return effects.map((effect) => ({ ...origin, order, schema: 1, ...placed(effect, of) }));
}

function placed(effect: Effect, { order, account }: { order: string; account: string }): Placed {
  const { type, ...payload } = effect;
  switch (effect.type) {
    case 'issue-link':
      return { queue: 'onboarding', kind: 'issuelink', payload: { order, ...payload } };
    case 'request-approval':
      return { queue: 'onboarding', kind: 'askapproval', payload: { order, ...payload } };
    case 'notify':
      return { queue: 'notifications', kind: 'send', payload: { order, ...payload } };
    case 'tell':
      return { queue: 'notifications', kind: 'tell', actor: system, payload: { order, ...payload } };
    case 'alert':
      return { queue: 'notifications', kind: 'alert', actor: system, payload: { order, ...payload } };
    case 'weigh':
      return { queue: 'notifications', kind: 'weigh', actor: system, payload };
    case 'check':
      return { queue: 'checks', kind: 'check', actor: system, payload: { order, ...payload } };
    case 'dispatch':
      return { queue: 'fulfillment', kind: 'dispatch', actor: system, payload: { order, ...payload } };
    case 'command':
      return { queue: 'setup', kind: 'command', actor: system, payload: { order, command: effect.command } };
    case 'reopen':
      return { queue: 'setup', kind: 'reopen', payload: { order, ...payload } };
    case 'record-milestone': {
      const command = { type: 'record-milestone', fact: effect.fact, order };
      const _id = hashedId('milestone', order, effect.fact);
      return { _id, queue: 'setup', kind: 'account', actor: system, payload: { account, command } };
    }
    case 'recheck':
      return { queue: 'setup', kind: 'recheck', actor: system, payload: { order } };
    case 'timer': {
      const { name, seq, at, command } = effect;
      const _id = `timer-${order}-${name}-${seq}`;
      return {
        _id,
        queue: 'setup',
        kind: 'command',
        cause: 'timer',
        actor: system,
        runAt: at,
        payload: { order, command, seq: { name, seq } },
      };
    }
  }
}
