/**
 * What is known of an order: three axes (order status, onboarding status, stages) and who has the ball. Plain data, no
 * behaviour; only `evolve` makes a new one. It is stored whole, under `state`, in the order's document.
 */
import type { CalendarName } from '../time/business-time.ts';
import type { Contribution } from './contributions.ts';
import type { Delivery } from './delivery.ts';
import type { Flag, Person } from './effects.ts';
import type { Exception } from './exceptions.ts';
import type { Looked } from './looks.ts';
import type { Revision } from './revision.ts';

export type OrderStatus = 'created' | 'onboarding' | 'setup' | 'live' | 'paused' | 'completed' | 'cancelled';
export type OnboardingStatus = 'not_required' | 'pending' | 'sent' | 'received' | 'needs_revision' | 'approved';
export type StageStatus = 'locked' | 'ready' | 'in_progress' | 'waiting' | 'in_review' | 'done' | 'skipped' | 'failed';
/** The names of the gates; what each of them is, its file in `gates/` says. */
export type GateKind = 'form' | 'access' | 'work' | 'approval' | 'qa' | 'auto' | 'external';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export type Holder = 'client' | 'agency' | 'fulfillment' | 'third_party' | 'system';

/**
 * One stage of one order. `data` is what it was left with; `doer` did it (four-eyes); `hash` is what was shown;
 * `waitingFor` is a reason code; `note` is the last word of a person on it.
 */
export interface StageState {
  key: string;
  gate: GateKind;
  status: StageStatus;
  round: number;
  holder?: Holder;
  waitingFor?: string;
  since?: Date;
  doer?: string;
  data?: Record<string, unknown>;
  hash?: string;
  /** How often the client has asked for changes here. */
  changes?: number;
  note?: string;
  flags?: Flag[];
  link?: string;
  approval?: string;
  /** Whom its page is for in this round; `isNamed` where that is not whom the order usually asks. Stays for later rounds then. */
  reader?: Reader;
  response?: string;
  /** What is new in a form that came back; absent in its first version. */
  revision?: Revision;
  /** Everybody of ours who has worked on it, in any round, each with everything they did. */
  contributors?: Contribution[];
  /** An exception from its check, asked for or granted. */
  exception?: Exception;
  clock?: StageClock;
  /** What became of the mail that asks the client; absent until something is known of it. */
  delivery?: Delivery;
  /** The rungs that were climbed in this round while it waits. */
  reminders?: Reminder[];
  /** Who did it before it was locked again by a restart: what was done outside once is not asked for again. */
  kept?: string;
  /** What it was called in earlier versions of the workflow: open links and approvals name it so. */
  formerly?: string[];
  /** The work item by which it was asked for outside: an answer to another asking does not count. */
  asked?: string;
  /** That it was done after all, said when nobody waited for it any more: a person accepts or dismisses it. */
  late?: LateAnswer;
  /** How often the client has handed this decision on. */
  delegated?: number;
  check?: StageCheck;
  /** The facts it lacks, and how it stood when it lost them; absent when it had not been opened yet. */
  blocked?: { facts: string[]; was?: Pick<StageState, 'status' | 'holder' | 'waitingFor'> };
}

interface LateAnswer {
  dispatch: string;
  by: string;
  at: Date;
  data: Record<string, unknown>;
  note?: string;
}

export interface Reader extends Person {
  isNamed?: true;
}

/** A post that somebody holds: without `stage` it is the whole order. */
export interface Post {
  staff: string;
  as: 'manager' | 'specialist';
  stage?: string | undefined;
}

export interface Assignment extends Post {
  from: Date;
  to?: Date;
}

/** How much of an order somebody has: the stages that are open with them. */
interface Load {
  staff: string;
  stages: number;
}

/** Whom a reminder or a warning goes to; who that is, is looked up when it is sent. */
export type Addressee = 'client' | 'manager' | 'agency';

/**
 * A rung of a ladder that was climbed: what was waited for, which rung, whom it is for, and what became of its mail. One that
 * a later rung stands for has no mail.
 */
export interface Reminder {
  about: string;
  rung: number;
  to: Addressee;
  at: Date;
  delivery?: Delivery;
}

/**
 * What was looked at outside, and what is still to be: `attempt` is the number of the last check, `tries` how many of them
 * were made again by themselves, `againAt` when the next is, `held` how often it held after the stage was done, `missedAt` since when it has not held
 * since then.
 */
export interface StageCheck {
  attempt: number;
  askedAt: Date;
  isUnderway: boolean;
  tries: number;
  againAt?: Date;
  held?: number;
  missedAt?: Date;
  looked?: Looked[];
}

/** What the account last said, under which number. */
export interface Fact {
  holds: boolean;
  seq: number;
  at: Date;
  /** Who attested it, where somebody has. */
  by?: string;
}

/** Milliseconds of business time; `extra` days were added by hand; `rung` counts the warnings given. */
interface StageClock {
  spent: number;
  runningSince?: Date;
  extra?: number;
  rung?: number;
}

/** The ball changed hands; `nobody` while the order is paused, live or closed. */
export interface LedgerLine {
  holder: Holder | 'nobody';
  at: Date;
}

/** The last number a timer was set under; `at` and `command` only while it runs. */
export interface Timer {
  seq: number;
  at?: Date;
  command?: { type: string; stage?: string; round?: number };
}

/** What somebody wrote down about an order, for colleagues. */
export interface Note {
  text: string;
  by: string;
  at: Date;
}

/** One way the order was closed, and how it stood before. An order that was cancelled can still be cleared. */
export interface Closing {
  how: 'complete-order' | 'cancel' | 'clear';
  at: Date;
  was: { status: OrderStatus; closedAt?: Date };
}

export interface OrderState {
  product: string;
  tier: string;
  options: Record<string, unknown>;
  workflowVersion: number;
  source: 'manual' | 'store' | 'import';
  title: string;
  /** What another service calls it; unique within the account. */
  reference?: string;
  client: Person;
  /** Who the client was, and where, before that was changed; the last is the newest. */
  formerClients?: Person[];
  /** Who approves instead of whom a form names, as staff have said. */
  approver?: Person;
  status: OrderStatus;
  /** The status that `resume` returns to. */
  pausedFrom?: OrderStatus;
  pausedAt?: Date;
  pausedBy?: 'person' | 'subscription';
  onboarding: OnboardingStatus;
  stages: StageState[];
  /** The first stage that is neither done nor skipped; absent when all are. */
  stage?: string;
  holder?: Holder;
  holderSince?: Date;
  ledger?: LedgerLine[];
  /** When the first budget that runs is used up; null while none runs. */
  slaDueAt?: Date | null;
  timers?: Record<string, Timer>;
  calendar?: CalendarName;
  /** The version of the account that the calendar comes from, where it was changed. */
  calendarSeq?: number;
  facts?: Record<string, Fact>;
  /** The facts that this order has given its account. */
  milestones?: string[];
  /** Who is responsible, and who was; the newest last. */
  assignments?: Assignment[];
  /** Derived from these: who leads, everybody who has a post now, and what they carry. */
  manager?: string;
  assignees?: string[];
  load?: Load[];
  tags?: string[];
  /** The newest 50, the newest last; older ones are in the collection `notes`. */
  notes?: Note[];
  /** How many were ever written, and how many of the first the collection has; see `rules/notes.ts`. */
  noteCount?: number;
  notesKept?: number;
  /** Absent: normal. */
  priority?: Priority;
  /** The day somebody promised; nothing is reckoned by it. */
  dueOn?: string;
  overrides: number;
  /** How many exceptions from checks were granted. */
  exceptions?: number;
  createdAt: Date;
  lastActivityAt: Date;
  /** When anything last went to the client or came from them, and whether the silence since was told of. */
  lastContactAt?: Date;
  isInactive?: boolean;
  liveAt?: Date;
  closedAt?: Date;
  clearedAt?: Date;
  /** The newest last; absent while the order is open. */
  closings?: Closing[];
}

/** The name of the timer of a stage's reminders. */
export const reminderOf = (stage: string): string => `reminder-${stage}`;

/** Open: somebody or something must act on it now. */
export function isOpen({ status }: StageState): boolean {
  return status !== 'locked' && status !== 'done' && status !== 'skipped';
}

export function isOver({ status }: StageState): boolean {
  return status === 'done' || status === 'skipped';
}

/** Whether what was asked outside was done is not known: also of a stage that is blocked besides. */
export function isUnknown({ waitingFor, blocked }: StageState): boolean {
  return (blocked?.was?.waitingFor ?? waitingFor) === 'outcome-unknown';
}

/** Closed orders stay as they are. */
export function isClosed({ status }: OrderState): boolean {
  return status === 'completed' || status === 'cancelled';
}

export function stateOf(state: OrderState, key: string): StageState {
  const stage = state.stages.find((candidate) => candidate.key === key);
  if (!stage) throw new Error(`The order's state has no stage "${key}".`);
  return stage;
}

/** What a stage stays, whatever becomes of it. */
export const identityOf = ({
  key,
  gate,
  formerly,
  contributors,
}: StageState): Pick<StageState, 'key' | 'gate' | 'formerly' | 'contributors'> => ({
  ...{ key, gate, ...(formerly && { formerly }), ...(contributors && { contributors }) },
});

/** The stage that was called so when somebody was sent to it, whatever its name is by now. */
export function calledOnce({ stages }: OrderState, key: string): StageState | undefined {
  return stages.find((stage) => stage.key === key) ?? stages.find(({ formerly }) => formerly?.includes(key));
}

/** The data a finished stage was left with; undefined while it is not done. */
export function dataOf(state: OrderState, key: string): Record<string, unknown> | undefined {
  const stage = state.stages.find((candidate) => candidate.key === key);
  return stage?.status === 'done' ? stage.data : undefined;
}
