/**
 * Where an order stands, for the client: what we wait for and what they can do. Nothing of what is between us reaches
 * them: no notes, no checks, no mail server's words, nobody's name.
 */
import { grantOfFact, grantTitles } from '../accounts/names.ts';
import type { Words } from '../gates/gate.ts';
import { stageOf } from '../graph/paths.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { accessesOf, missingFor } from '../words/facts.ts';
import { undelivered } from '../words/mails.ts';
import type { OrderState, StageState } from '../words/state.ts';

/** The whole order, where nothing of it is open. */
export function wholeForClient({ status, pausedBy }: OrderState): Words {
  switch (status) {
    case 'live':
      return { blocker: 'Nothing. Your order is live.', unblock: 'There is nothing for you to do.' };
    case 'completed':
      return { blocker: 'Nothing. Your order is complete.', unblock: 'There is nothing for you to do.' };
    case 'cancelled':
      return { blocker: 'Your order was cancelled.', unblock: 'Place a new order if you need it again.' };
    case 'paused':
      return pausedBy === 'subscription'
        ? { blocker: 'Your subscription is not active.', unblock: 'Renew your subscription; then we continue.' }
        : { blocker: 'Your order is paused.', unblock: 'Ask us to continue when you are ready.' };
    default:
      return { blocker: 'We are working on your order.', unblock: 'There is nothing for you to do.' };
  }
}

export function stageForClient(workflow: Workflow, state: OrderState, current: StageState): Words {
  const stage = stageOf(workflow, current.key);
  if (undelivered(current)) {
    return {
      blocker: `Our email about “${stage.title}” did not reach you.`,
      unblock: 'Check the email address that we have for you, and tell us the right one.',
    };
  }
  if (current.blocked) return blockedBy(stage, state, current.blocked.facts);
  const { expiry } = stage.gateRules;
  if (expiry && current.waitingFor === expiry.turnsInto) return expiry.toClient(stage.title);
  if (current.holder !== 'client') return workedOn(stage);
  if (current.waitingFor === 'access') return accessWanted(stage, missingAccess(workflow, state));
  return stage.gateRules.explainToClient?.(stage, current) ?? asked(stage);
}

const workedOn = ({ title }: Stage): Words => ({
  blocker: `We are working on “${title}”.`,
  unblock: 'There is nothing for you to do.',
});

const asked = ({ title }: Stage): Words => ({
  blocker: `We are waiting for you: “${title}”.`,
  unblock: 'Our newest email about it says what to do.',
});

function blockedBy(stage: Stage, state: OrderState, facts: string[]): Words {
  if (facts.some((fact) => grantOfFact(fact) !== undefined)) return accessWanted(stage, facts);
  const blocker = missingFor(state, stage).map((need) => need.missing);
  return { ...workedOn(stage), ...(blocker.length > 0 && { blocker: blocker.join(' ') }) };
}

function accessWanted({ title }: Stage, facts: string[]): Words {
  const names = facts.flatMap((fact) => grantOfFact(fact) ?? []).map((name) => grantTitles[name]);
  return {
    blocker:
      names.length > 0 ? `We still need access to ${names.join(', ')}.` : `We are waiting for access: “${title}”.`,
    unblock: 'Enter us this access, or reply to our email if you need help.',
  };
}

const missingAccess = (workflow: Workflow, state: OrderState): string[] =>
  accessesOf(workflow, state).filter((fact) => state.facts?.[fact]?.holds !== true);
