/**
 * One command to an account, from asking to the change to commit. Which facts hold follows from where the accesses and
 * the subscription stand; each change of a fact takes its next number and is spread to the orders. Pure, like `run`.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { CommandContext } from '../engine/scene.ts';
import { requireReason } from '../rules/guards.ts';
import { subscriptionFact } from '../words/facts.ts';
import type { AccountCommand, AccountCommandOf } from './commands.ts';
import { decideGrant } from './decide-grant.ts';
import type { AccountChange, AccountEffect, AccountEvent } from './events.ts';
import { factOfGrant, grantNames } from './names.ts';
import type { AccountState, GrantStatus } from './state.ts';

export function runAccount(state: AccountState, command: AccountCommand, asked: CommandContext): AccountChange {
  admit(command, asked);
  const { state: changed, events, effects } = decide(state, command, asked);
  const facts = { ...changed.facts };
  const spread: AccountEffect[] = [];
  const news: AccountEvent[] = [];
  for (const { fact, holds } of factsIn(changed, command)) {
    if ((facts[fact]?.holds ?? assumed(fact)) === holds) continue;
    const seq = (facts[fact]?.seq ?? 0) + 1;
    facts[fact] = { holds, seq, at: asked.at };
    news.push({ type: 'fact-changed', fact, holds, seq });
    spread.push({ type: 'spread', fact, seq });
  }
  return { state: { ...changed, facts }, events: [...events, ...news], effects: [...effects, ...spread] };
}

function decide(state: AccountState, command: AccountCommand, asked: CommandContext): AccountChange {
  switch (command.type) {
    case 'set-subscription':
      return setSubscription(state, command, asked);
    case 'record-milestone':
      return recordMilestone(state, command);
    default:
      return decideGrant(state, command, asked);
  }
}

function setSubscription(
  state: AccountState,
  { status: to }: AccountCommandOf<'set-subscription'>,
  asked: CommandContext,
): AccountChange {
  const from = state.subscription;
  if (from === to) throw new Refusal('nothing_changed', `The subscription is ${to} already.`);
  if (to !== 'active') requireReason(asked, 'stop the orders of an account');
  return { state: { ...state, subscription: to }, events: [{ type: 'subscription-changed', from, to }], effects: [] };
}

/** Two orders may reach the same milestone: the first counts. */
function recordMilestone(state: AccountState, { fact, order }: AccountCommandOf<'record-milestone'>): AccountChange {
  if (state.facts[fact]?.holds) throw new Refusal('superseded', `"${fact}" is known already.`);
  return { state, events: [{ type: 'milestone-recorded', fact, order }], effects: [] };
}

interface Claim {
  fact: string;
  holds: boolean;
}

function factsIn({ grants, subscription }: AccountState, command: AccountCommand): Claim[] {
  const granted = grantNames.flatMap((name): Claim[] => {
    const status = grants[name]?.status;
    const holds = status && says[status];
    return holds === undefined ? [] : [{ fact: factOfGrant(name), holds }];
  });
  const reached = command.type === 'record-milestone' ? [{ fact: command.fact, holds: true }] : [];
  return [...granted, { fact: subscriptionFact, holds: subscription === 'active' }, ...reached];
}

/** What is only asked for says nothing yet: orders go on by what they knew. */
const says: Record<GrantStatus, boolean | undefined> = {
  requested: undefined,
  pending: undefined,
  active: true,
  refused: false,
  revoked: false,
  expired: false,
};

/** The one fact that orders take for granted, and that need not be told while it holds. */
const assumed = (fact: string): boolean | undefined => (fact === subscriptionFact ? true : undefined);

const ofTheSystem: readonly string[] = ['record-probe', 'expire-grant', 'record-milestone'];

function admit({ type }: AccountCommand, { actor }: CommandContext): void {
  if (actor.type === 'client') throw new Refusal('forbidden', 'A client asks nothing of an account.');
  if (ofTheSystem.includes(type) && actor.type !== 'system') {
    throw new Refusal('forbidden', `Only the system itself asks to ${type}.`);
  }
}
