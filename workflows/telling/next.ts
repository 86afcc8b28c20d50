/**
 * What happens to an order by itself, and when. It is reckoned from the rules, not read off the timers: one that runs may
 * ring early and only be set anew, and after a reschedule it still has the time from before.
 */
import { stageOf } from '../graph/paths.ts';
import type { Stage, Workflow } from '../graph/workflow.ts';
import { deadlineOf } from '../time/deadline.ts';
import { looksAgain, nextRung } from '../time/timers.ts';
import type { Addressee, OrderState, StageState } from '../words/state.ts';
import { rungsLeft } from './ladders.ts';

export interface Next {
  what: string;
  at?: Date;
}

/** Of one open stage: the check that runs at once, or the first thing that is due. */
export function nextOf(workflow: Workflow, state: OrderState, current: StageState): Next | undefined {
  const { check, title, gateRules } = stageOf(workflow, current.key);
  if (current.check?.isUnderway && !current.blocked) return { what: `The system checks "${title}".` };
  if (check && current.status === 'ready') return { what: `The system checks "${title}".` };
  const [reminder] = rungsLeft(workflow, state, current);
  const expiry = deadlineOf(workflow, state, current);
  const rung = nextRung(workflow, state, current);
  return first([
    ...(reminder ? [{ what: reminderWords[reminder.to](title), at: reminder.at }] : []),
    ...(expiry ? [{ what: gateRules.expiry?.announce(title) ?? '', at: expiry }] : []),
    ...(rung ? [{ what: budgetWords[current.clock?.rung ?? 0] ?? '', at: rung }] : []),
    ...looksAt(workflow, state, current.key),
  ]);
}

/** The first of the looks at what is done already. */
export function nextLook(workflow: Workflow, state: OrderState): Next | undefined {
  return first(workflow.stages.flatMap(({ key }) => looksAt(workflow, state, key)));
}

/** When the client is reminded next, or has no time left, in words for the client. */
export function nextForClient(workflow: Workflow, state: OrderState, current: StageState): Next | undefined {
  const { title, gateRules }: Stage = stageOf(workflow, current.key);
  const reminder = rungsLeft(workflow, state, current).find(({ to }) => to === 'client');
  const end = deadlineOf(workflow, state, current);
  return first([
    ...(reminder ? [{ what: `We remind you of “${title}”.`, at: reminder.at }] : []),
    ...(end ? [{ what: gateRules.expiry?.announceToClient(title) ?? '', at: end }] : []),
  ]);
}

/** What is due already happens at any moment. */
export function soonest(next: Next | undefined, now: Date): Next | undefined {
  return next?.at && next.at < now ? { ...next, at: now } : next;
}

const first = (acts: Required<Next>[]): Next | undefined =>
  acts.sort((one, other) => one.at.getTime() - other.at.getTime())[0];

function looksAt(workflow: Workflow, state: OrderState, key: string): Required<Next>[] {
  const { title } = stageOf(workflow, key);
  return looksAgain(workflow, state)
    .filter(({ command }) => command.stage === key)
    .map(({ at }) => ({ what: `The system checks "${title}" again.`, at }));
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
