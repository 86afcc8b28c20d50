/**
 * Why an order is where it is: what blocks it, who has the ball and since when, what was tried, what happens next by
 * itself, and the one act that would move it on. One answer for lists, mails and pages; it never says "unknown".
 */
import { type AccessWords, accessWords } from '../accounts/explain-access.ts';
import type { AccountState } from '../accounts/state.ts';
import type { Words } from '../gates/gate.ts';
import { stageOf } from '../graph/paths.ts';
import type { Need } from '../graph/stage.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { workflowFor } from '../index.ts';
import { expiryOf } from '../time/timers.ts';
import { accessesOf, missingFor } from '../words/facts.ts';
import { shortcomings } from '../words/looks.ts';
import {
  type Addressee,
  type Holder,
  isOpen,
  type OrderState,
  type Reminder,
  reminderOf,
  type StageState,
} from '../words/state.ts';
import { liveWords, lookAgain, nextLook } from './explain-live.ts';
import { rungsLeft, sentTo } from './ladders.ts';

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

/** `account` adds what only the account knows: when an access was looked at, and when it will be. */
export function explain(state: OrderState, now: Date, account?: Pick<AccountState, 'grants'>): Explanation {
  const whole = wholeOrder(state, now);
  if (whole) return whole;
  const blocking = blockingStage(state);
  if (!blocking) return { ...rest(state), blocker: 'No stage is open.', unblock: 'Reopen a stage with a reason.' };
  return ofStage(workflowFor(state.product, state.workflowVersion), state, { current: blocking, now, account });
}

/** The open stage that has the ball; with several, the first in the order of the workflow. */
function blockingStage(state: OrderState): StageState | undefined {
  const open = state.stages.filter(isOpen);
  return (
    open.find((stage) => stage.status === 'failed') ?? open.find((stage) => stage.holder === state.holder) ?? open[0]
  );
}

const rest = (state: OrderState) => ({
  holder: 'nobody' as const,
  since: state.closedAt ?? state.liveAt ?? state.lastActivityAt,
  tried: [],
});

function wholeOrder(state: OrderState, now: Date): Explanation | undefined {
  switch (state.status) {
    case 'live':
      return {
        ...rest(state),
        ...liveWords(state),
        next: soonest(nextLook(state), now),
      };
    case 'completed':
      return { ...rest(state), blocker: 'Nothing. The order is completed.', unblock: 'Nothing. It stays as it is.' };
    case 'cancelled':
      return {
        ...rest(state),
        blocker: state.clearedAt ? 'The order was cleared.' : 'The order was cancelled.',
        unblock: 'Create a new order.',
      };
    case 'paused':
      return { ...rest(state), ...pauseWords(state), since: state.pausedAt ?? state.lastActivityAt };
    case 'created':
    case 'onboarding':
    case 'setup':
      return undefined;
  }
}

const pauseWords = ({ pausedBy }: OrderState): Words =>
  pausedBy === 'subscription'
    ? {
        blocker: 'The subscription is not active.',
        unblock: 'Reactivate the subscription. The order then continues.',
      }
    : { blocker: 'The order is paused.', unblock: 'Resume it.' };

interface Inspected {
  current: StageState;
  now: Date;
  account?: Pick<AccountState, 'grants'> | undefined;
}

/** Why one stage is where it is, for those who are told of it. */
export function explainStage(
  state: OrderState,
  key: string,
  { now, account }: Omit<Inspected, 'current'>,
): Explanation {
  const current = state.stages.find((stage) => stage.key === key);
  return current && isOpen(current)
    ? ofStage(workflowFor(state.product, state.workflowVersion), state, { current, now, account })
    : explain(state, now, account);
}

function ofStage(workflow: Workflow, state: OrderState, { current, now, account }: Inspected): Explanation {
  const stage = stageOf(workflow, current.key);
  const { blocker, unblock } = wordsFor(state, stage, current);
  const access = account && accessOf(workflow, state, { current, now, account });
  const next = soonest(nextOf(workflow, state, current) ?? access?.next, now);
  return {
    ...{
      stage: current.key,
      unblock,
      holder: current.holder ?? 'system',
      since: current.since ?? state.createdAt,
      next,
    },
    blocker: [blocker, ...(access?.standing ?? [])].join(' '),
    tried: [...triedIn(stage, current), ...(access?.tried ?? [])],
  };
}

function accessOf(
  workflow: Workflow,
  state: OrderState,
  { current, account = { grants: {} } }: Inspected,
): AccessWords {
  const needed = accessesOf(workflow, state);
  const { awaitedFacts } = stageOf(workflow, current.key).gateRules;
  const awaited = current.blocked?.facts ?? awaitedFacts?.({ workflow, state }) ?? [];
  return accessWords(account, { awaited, needed });
}

function wordsFor(state: OrderState, stage: Stage, current: StageState): Words {
  if (current.blocked) return blocked(missingFor(state, stage));
  if (current.waitingFor === 'outcome-unknown') return inDoubt(stage, current);
  return current.status === 'failed'
    ? failed(current)
    : (byStatus(stage, current) ?? stage.gateRules.explain(stage, current));
}

/** What happens by itself, and when: the check that runs at once, or the first of the timers that concern the stage. */
function nextOf(workflow: Workflow, state: OrderState, current: StageState): Explanation['next'] {
  const { check, title, gateRules } = stageOf(workflow, current.key);
  const [reminder] = rungsLeft(workflow, state, current);
  if (current.check?.isUnderway && !current.blocked) return { what: `The system checks "${title}".` };
  if (check && current.status === 'ready') return { what: `The system checks "${title}".` };
  const acts = [
    { timer: state.timers?.[reminderOf(current.key)], what: reminder ? reminderWords[reminder.to](title) : '' },
    { timer: state.timers?.[expiryOf(current.key)], what: gateRules.expiry?.announce(title) ?? '' },
    {
      timer: current.clock?.runningSince ? state.timers?.['sla'] : undefined,
      what: budgetWords[current.clock?.rung ?? 0] ?? '',
    },
  ];
  const set = acts.flatMap(({ timer, what }) => (timer?.at ? [{ what, at: timer.at }] : []));
  return [...set, ...lookAgain(state, { key: current.key, title })].sort(
    (one, other) => one.at.getTime() - other.at.getTime(),
  )[0];
}

const reminderWords: Record<Addressee, (title: string) => string> = {
  client: (title) => `The client is reminded of "${title}".`,
  manager: (title) => `The manager is told that "${title}" waits.`,
  agency: (title) => `The agency is told that "${title}" waits.`,
};

const budgetWords = [
  'Most of the time budget is used, and the team is warned.',
  'The time budget is used up, and the order counts as late.',
  'The order has been late for a day, and it is escalated.',
];

/** What is due already happens at any moment. */
function soonest(next: Explanation['next'], now: Date): Explanation['next'] {
  return next?.at && next.at < now ? { ...next, at: now } : next;
}

function blocked(missing: Need[]): Words {
  return {
    blocker: missing.map((need) => need.missing).join(' ') || 'Something it needs is missing.',
    unblock: missing.map(({ cure }) => cure).join(' ') || 'Resolve the issue with the account.',
  };
}

const failed = ({ key, note }: StageState): Words => ({
  blocker: `The check of "${key}" failed. ${note ?? ''}`.trim(),
  unblock: 'Fix what the check found, or send the stage back. Then run the check again.',
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

function triedIn({ gateRules: { newRound } }: Stage, current: StageState): string[] {
  const { link, approval, round, changes, note, check } = current;
  const reminded = sentTo(current, 'client').length;
  const told = sentTo(current, 'manager').length + sentTo(current, 'agency').length;
  return [
    ...(link ? ['The link was sent to the client.'] : []),
    ...(approval ? ['The approval was requested.'] : []),
    ...(reminded > 0
      ? [`The client was reminded ${times(reminded)}, last on ${dayOf(sentTo(current, 'client'))}.`]
      : []),
    ...(told > 0 ? [`The people responsible were told of the silence ${times(told)}.`] : []),
    ...(changes ? [`The client asked for changes ${times(changes)}.`] : []),
    ...(check ? [`It was checked ${times(check.attempt)}.`] : []),
    ...(round > 1 && newRound === 'sent_back' ? [`It was sent back; this is round ${round}.`] : []),
    ...(note ? [`Latest note: ${note}`] : []),
  ];
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const dayOf = (sent: readonly Reminder[]): string => (sent.at(-1)?.at ?? new Date(0)).toISOString().slice(0, 10);
