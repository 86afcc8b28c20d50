/**
 * What the page of a link is worth: one answer for the page itself, for the mails and reminders that lead to it, and for
 * what is said once it is dead. A page has no life of its own: it can be answered exactly as long as its stage waits for
 * the person that it was made for. A pause changes nothing about that.
 */
import { personOf, readerOf, sameMailbox } from '../gates/reader.ts';
import { stageOf } from '../graph/paths.ts';
import { workflowFor } from '../index.ts';
import { deadlineOf } from '../time/deadline.ts';
import type { Person } from '../words/effects.ts';
import { calledOnce, isClosed, isOver, type OrderState, type StageState, stateOf } from '../words/state.ts';

export interface AskedPage {
  _id: string;
  /** The name that the stage had then. */
  stage: string;
  round: number;
  recipient: Person;
  /** Of an approval: what it shows. */
  hash?: string;
}

/**
 * `held`: it can be answered once what the stage lacks is there. `answered` by the client; `settled` without them.
 * `superseded`: it is asked for anew, or of somebody else. `expired`: the stage has stopped waiting. `ended`: with its order.
 */
export type PageStanding = 'open' | 'held' | 'answered' | 'settled' | 'superseded' | 'expired' | 'ended';

export function standingOf(state: OrderState, page: AskedPage): PageStanding {
  const current = calledOnce(state, page.stage);
  if (isClosed(state)) return 'ended';
  if (!current || current.round !== page.round || current.status === 'locked') return 'superseded';
  if (isOver(current) || current.status === 'in_review') return isAnsweredBy(page, current) ? 'answered' : 'settled';
  const stage = stageOf(workflowFor(state.product, state.workflowVersion), current.key);
  if (!isFor(page, current, readerOf(stage, state, current))) return 'superseded';
  if (current.blocked) return 'held';
  const { answeredWhile, expiry } = stage.gateRules;
  if (expiry && current.waitingFor === expiry.turnsInto) return 'expired';
  return current.status === 'waiting' && current.waitingFor === answeredWhile ? 'open' : 'answered';
}

/** Whom an open stage asks, and until when it waits for them. */
export interface Asking {
  recipient?: Person;
  expiresAt?: Date;
}

export function askingOf(state: OrderState, current: Pick<StageState, 'key'>): Asking {
  const is = stateOf(state, current.key);
  if (isClosed(state) || is.status !== 'waiting') return {};
  const workflow = workflowFor(state.product, state.workflowVersion);
  const recipient = readerOf(stageOf(workflow, is.key), state, is);
  const expiresAt = deadlineOf(workflow, state, is);
  return { ...(recipient && { recipient: personOf(recipient) }), ...(expiresAt && { expiresAt }) };
}

const isAnsweredBy = ({ _id }: AskedPage, { response, doer }: StageState): boolean =>
  response !== undefined || doer === _id;

/** A stage that was asked for before readers were kept does not know its own: then whoever has the page may use it. */
function isFor({ recipient, hash }: AskedPage, { reader: known, hash: shown }: StageState, reader?: Person): boolean {
  if (hash !== undefined && hash !== shown) return false;
  return !known || !reader || sameMailbox(recipient, reader);
}
