/**
 * Why an order is where it is: what blocks it, who has the ball and since when, what was tried, what happens next by
 * itself, and the one act that would move it on. One answer for lists, mails and pages, in the words of whoever reads it;
 * it never says "unknown".
 */
import { type AccessWords, accessWords } from '../accounts/explain-access.ts';
import type { AccountState } from '../accounts/state.ts';
import type { Words } from '../gates/gate.ts';
import { stageOf } from '../graph/paths.ts';
import type { Need } from '../graph/stage.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { workflowFor } from '../index.ts';
import { lastClosing, undoUntil } from '../words/closing.ts';
import { type Exception, isPending } from '../words/exceptions.ts';
import { accessesOf, missingFor } from '../words/facts.ts';
import { shortcomings } from '../words/looks.ts';
import { undelivered } from '../words/mails.ts';
import { type Holder, isOpen, type OrderState, type StageState } from '../words/state.ts';
import { liveWords } from './explain-live.ts';
import { stageForClient, wholeForClient } from './explain-to-client.ts';
import { factsForOperator } from './explain-to-operator.ts';
import { nextForClient, nextLook, nextOf, soonest } from './next.ts';
import { triedForClient, triedIn } from './tried.ts';

export interface Explanation {
  /** The stage that blocks; absent when the whole order does. */
  stage?: string;
  blocker: string;
  holder: Holder | 'nobody';
  since: Date;
  tried: string[];
  next?: { what: string; at?: Date };
  unblock: string;
}

/** A client reads what concerns them; an operator reads, beside what staff do, how it stands in the system. */
export type Reader = 'client' | 'staff' | 'operator';

/** `grants` are what only the account knows: when an access was looked at, and when it will be. Staff unless said. */
export interface Telling {
  grants?: AccountState['grants'];
  reader?: Reader;
}

export function explain(state: OrderState, now: Date, telling: Telling = {}): Explanation {
  const blocking = isUnderway(state) ? blockingStage(state) : undefined;
  if (blocking) return explainOpen(state, { ...telling, current: blocking, now });
  const words = telling.reader === 'client' ? wholeForClient(state) : wordsOfWhole(state, now);
  const next = state.status === 'live' && telling.reader !== 'client' && nextLook(workflowOf(state), state);
  return {
    ...rest(state),
    ...words,
    ...(state.status === 'paused' && { since: state.pausedAt ?? state.lastActivityAt }),
    ...(next && { next: soonest(next, now) }),
  };
}

/** Why one stage is where it is, for those who are told of it. */
export function explainStage(state: OrderState, key: string, told: Telling & { now: Date }): Explanation {
  const current = state.stages.find((stage) => stage.key === key);
  return current && isOpen(current) ? explainOpen(state, { ...told, current }) : explain(state, told.now, told);
}

const workflowOf = ({ product, workflowVersion }: OrderState): Workflow => workflowFor(product, workflowVersion);

const isUnderway = ({ status }: OrderState): boolean => ['created', 'onboarding', 'setup'].includes(status);

/** The open stage that somebody must look at, or that has the ball; with several, the first in the workflow's order. */
function blockingStage(state: OrderState): StageState | undefined {
  const open = state.stages.filter(isOpen);
  return (
    open.find((stage) => stage.status === 'failed') ??
    open.find(undelivered) ??
    open.find((stage) => stage.holder === state.holder) ??
    open[0]
  );
}

const rest = (state: OrderState) => ({
  holder: 'nobody' as const,
  since: state.closedAt ?? state.liveAt ?? state.lastActivityAt,
  tried: [],
});

function wordsOfWhole(state: OrderState, now: Date): Words {
  switch (state.status) {
    case 'live':
      return liveWords(state);
    case 'completed':
      return { blocker: 'Nothing. The order is completed.', unblock: 'Nothing. It stays as it is.' };
    case 'cancelled':
      return {
        blocker: state.clearedAt ? 'The order was cleared.' : 'The order was cancelled.',
        unblock: undoWords(state, now) ?? 'Create a new order.',
      };
    case 'paused':
      return pauseWords(state);
    case 'created':
    case 'onboarding':
    case 'setup':
      return { blocker: 'No stage is open.', unblock: 'Reopen a stage with a reason.' };
  }
}

function undoWords(state: OrderState, now: Date): string | undefined {
  const last = lastClosing(state);
  if (!last || undoUntil(last) <= now) return undefined;
  const what = last.how === 'clear' ? 'clearing' : 'cancellation';
  return `Undo the ${what} until ${undoUntil(last).toISOString().slice(0, 10)}, or create a new order.`;
}

const pauseWords = ({ pausedBy }: OrderState): Words =>
  pausedBy === 'subscription'
    ? {
        blocker: 'The subscription is not active.',
        unblock: 'Reactivate the subscription. The order then continues.',
      }
    : { blocker: 'The order is paused.', unblock: 'Resume it.' };

interface Inspected extends Telling {
  current: StageState;
  now: Date;
}

function explainOpen(state: OrderState, inspected: Inspected): Explanation {
  return inspected.reader === 'client' ? toClient(state, inspected) : toStaff(state, inspected);
}

function toClient(state: OrderState, { current, now }: Inspected): Explanation {
  const workflow = workflowOf(state);
  return {
    ...{ stage: current.key, holder: current.holder ?? 'system', since: current.since ?? state.createdAt },
    ...stageForClient(workflow, state, current),
    tried: triedForClient(stageOf(workflow, current.key), current),
    next: soonest(nextForClient(workflow, state, current), now),
  };
}

function toStaff(state: OrderState, { current, now, grants, reader }: Inspected): Explanation {
  const workflow = workflowOf(state);
  const stage = stageOf(workflow, current.key);
  const { blocker, unblock } = wordsFor(state, stage, current);
  const access = grants && accessOf(workflow, state, { current, grants });
  return {
    ...{ stage: current.key, unblock, since: current.since ?? state.createdAt },
    holder: undelivered(current) ? 'agency' : (current.holder ?? 'system'),
    next: soonest(nextOf(workflow, state, current) ?? access?.next, now),
    blocker: [blocker, ...(access?.standing ?? [])].join(' '),
    tried: [
      ...triedIn(stage, current),
      ...(access?.tried ?? []),
      ...(reader === 'operator' ? factsForOperator(state, current) : []),
    ],
  };
}

function accessOf(
  workflow: Workflow,
  state: OrderState,
  { current, grants }: { current: StageState; grants: AccountState['grants'] },
): AccessWords {
  const needed = accessesOf(workflow, state);
  const { awaitedFacts } = stageOf(workflow, current.key).gateRules;
  const awaited = current.blocked?.facts ?? awaitedFacts?.({ workflow, state }) ?? [];
  return accessWords({ grants }, { awaited, needed });
}

function wordsFor(state: OrderState, stage: Stage, current: StageState): Words {
  if (current.blocked) return blocked(missingFor(state, stage));
  if (current.waitingFor === 'outcome-unknown') return inDoubt(stage, current);
  if (isPending(current.exception)) return appealed(stage, current.exception);
  if (current.status !== 'failed' && undelivered(current)) return notReached(stage, current);
  if (current.late) return answeredLate(stage, current.late);
  return current.status === 'failed'
    ? failed(current)
    : (byStatus(stage, current) ?? stage.gateRules.explain(stage, current));
}

function blocked(missing: Need[]): Words {
  return {
    blocker: missing.map((need) => need.missing).join(' ') || 'Something it needs is missing.',
    unblock: missing.map(({ cure }) => cure).join(' ') || 'Resolve the issue with the account.',
  };
}

function notReached({ title }: Stage, current: StageState): Words {
  const { outcome, said } = undelivered(current) ?? {};
  const fate = outcome === 'failed' ? 'could not be sent.' : 'was refused by the mail server.';
  return {
    blocker: `The email about "${title}" did not reach the client: it ${fate}${said ? ` The server said: ${said}` : ''}`,
    unblock: 'Correct the address; the email is then sent again. If the address is right, send it again yourself.',
  };
}

const answeredLate = ({ title }: Stage, { by, note }: NonNullable<StageState['late']>): Words => ({
  blocker: `${by} says after all that "${title}" was done. ${note ?? ''}`.trim(),
  unblock: 'Look at the answer, then accept it, or dismiss it with a reason.',
});

const appealed = ({ title }: Stage, { looks, reason, requestedBy }: Exception): Words => ({
  blocker: [
    `${requestedBy} has requested an exception from the check of "${title}": ${reason}`,
    ...(looks.length > 0 ? [`It is for: ${looks.join('; ')}.`] : []),
  ].join(' '),
  unblock: 'Someone else looks at the evidence, then grants or refuses the exception.',
});

const failed = ({ key, note }: StageState): Words => ({
  blocker: `The check of "${key}" failed. ${note ?? ''}`.trim(),
  unblock:
    'Fix what the check found, or send the stage back. Then run the check again. If it cannot pass, request an exception with evidence.',
});

const inDoubt = ({ title }: Stage, { note }: StageState): Words => ({
  blocker: `It is not certain whether "${title}" was done. ${note ?? ''}`.trim(),
  unblock: 'Find out, then record whether it was done. It is not requested again until then.',
});

function beingLookedAt({ title }: Stage, { check }: StageState): Words {
  if (check?.isUnderway !== false) {
    return { blocker: `"${title}" is being checked.`, unblock: 'Nothing. The check runs automatically.' };
  }
  return {
    blocker: `"${title}" could not be verified yet. ${shortcomings(check.looked ?? [])}`.trim(),
    unblock: 'Make sure the address can be reached. The check runs again automatically, or when you request it.',
  };
}

/** What explains a stage whatever its gate is. */
function byStatus(stage: Stage, current: StageState): Words | undefined {
  if (current.waitingFor === 'check') return beingLookedAt(stage, current);
  if (current.status !== 'in_progress') return undefined;
  return { blocker: `"${stage.title}" is in progress.`, unblock: 'Complete it with the required data.' };
}
