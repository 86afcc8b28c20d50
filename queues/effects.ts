/** Where each effect of a workflow is carried out: one effect, one work item of the kind that has the effect's name. */
import { system } from '../kernel/actor.ts';
import { hashedId } from '../kernel/ids.ts';
import type { EffectDraft } from '../kernel/work.ts';
import { changesSpans } from '../workflows/analytics/spans.ts';
import type { Change } from '../workflows/engine/unfold.ts';
import type { OrderCommand } from '../workflows/words/commands.ts';
import type { Effect } from '../workflows/words/effects.ts';
import { analytics } from './analytics.ts';
import { checks } from './checks.ts';
import type { Origin } from './contract.ts';
import { fulfillment } from './fulfillment.ts';
import { notifications } from './notifications.ts';
import { onboarding } from './onboarding.ts';
import { setup } from './setup.ts';

/** All that one change of an order asks for elsewhere, as work items. `origin` says who and what they come from. */
export function draftsOfChange(
  { events, effects }: Pick<Change, 'events' | 'effects'>,
  order: string,
  origin: Origin,
): EffectDraft[] {
  const from = { ...origin, order };
  const drafts = effects.map((effect) => draftOf(effect, from));
  return changesSpans(events) ? [...drafts, analytics.draft('span', { order }, { ...from, actor: system })] : drafts;
}

/** What follows from somebody's words is theirs; what the system would do anyway is its own. */
function draftOf(effect: Effect, from: Origin & { order: string }): EffectDraft {
  const { order, account } = from;
  const own = { ...from, actor: system };
  const { type: _, ...rest } = effect;
  const about = <E extends object>(asked: E) => ({ order, ...asked });
  switch (effect.type) {
    case 'issue-link':
      return onboarding.draft('issue-link', about(rest as Asked<'issue-link'>), from);
    case 'request-approval':
      return onboarding.draft('request-approval', about(rest as Asked<'request-approval'>), from);
    case 'notify':
      return notifications.draft('notify', about(rest as Asked<'notify'>), from);
    case 'tell':
      return notifications.draft('tell', about(rest as Asked<'tell'>), own);
    case 'alert':
      return notifications.draft('alert', about(rest as Asked<'alert'>), own);
    case 'keep-notes':
      return setup.draft('keep-notes', about(rest as Asked<'keep-notes'>), own);
    case 'weigh':
      return notifications.draft('weigh', rest as Asked<'weigh'>, own);
    case 'check':
      return checks.draft('check', about(rest as Asked<'check'>), own);
    case 'dispatch':
      return fulfillment.draft('dispatch', about(rest as Asked<'dispatch'>), own);
    case 'command':
      return setup.draft('command', about({ command: commandIn(effect) }), own);
    case 'reopen':
      return setup.draft('reopen', about(rest as Asked<'reopen'>), from);
    case 'record-milestone': {
      const command = { type: 'record-milestone' as const, fact: effect.fact, order };
      const _id = hashedId('milestone', order, effect.fact);
      return setup.draft('record-milestone', { account, command }, { ...own, _id });
    }
    case 'attest-grant': {
      const { grant, evidence, seq } = effect;
      return setup.draft('account', { account, command: { type: 'attest-grant', grant, evidence, seq } }, from);
    }
    case 'recheck':
      return setup.draft('recheck', { order }, own);
    case 'timer': {
      const { name, seq, at: runAt } = effect;
      const timed = { ...own, _id: `timer-${order}-${name}-${seq}`, cause: 'timer' as const, runAt };
      return setup.draft('timer', about({ command: commandIn(effect), seq: { name, seq } }), timed);
    }
  }
}

type Asked<Type extends Effect['type']> = Omit<Extract<Effect, { type: Type }>, 'type'>;

/** An effect holds the command as data: the rules that make it come before the words of commands. */
const commandIn = ({ command }: Extract<Effect, { type: 'command' | 'timer' }>) => command as OrderCommand;
