/**
 * An order's history as an account reads it: sentences, oldest first, from the audit and from the lines that are not in
 * it yet. What is between us (rounds of checks, notes, who) is left out.
 */
import type { HistoryLine } from '../../kernel/history.ts';
import type { Order } from '../../models/order.ts';
import type { Dependencies } from '../context.ts';
import { stageTitle } from '../schemas/store.ts';

export interface Moment {
  at: Date;
  what: string;
}

const most = 500;

export async function timelineOf(order: Order, { models }: Dependencies): Promise<Moment[]> {
  const exported = await models.audit.read(models.orders.streamOf(order._id), 1, most);
  const last = exported.at(-1)?.seq ?? 0;
  const lines: HistoryLine[] = [...exported, ...order.history.filter(({ seq }) => seq > last)];
  return lines.flatMap(({ at, events }) => events.flatMap((event) => momentOf(order, at, event)));
}

function momentOf({ state }: Order, at: Date, event: Record<string, unknown>): Moment[] {
  const stage = stageTitle(state, typeof event['stage'] === 'string' ? event['stage'] : undefined) ?? '';
  const say = sentences[String(event['type'])];
  const what = say?.(stage, event);
  return what ? [{ at, what }] : [];
}

type Sentence = (stage: string, event: Record<string, unknown>) => string | undefined;

const sentences: Record<string, Sentence> = {
  'order-created': () => 'The order was placed.',
  'stage-entered': (stage) => `“${stage}” began.`,
  'stage-completed': (stage) => `“${stage}” is done.`,
  'stage-skipped': (stage) => `“${stage}” is not needed.`,
  'stage-sent-back': () => 'We are repeating an earlier step.',
  'link-recorded': (stage) => `We prepared the form “${stage}” for you.`,
  'delivery-recorded': ofMail,
  'form-submitted': (stage) => `We received your answers to “${stage}”.`,
  'form-returned': (stage) => `We asked you to change some answers in “${stage}”.`,
  'exception-granted': (stage) => `We confirmed “${stage}” by hand.`,
  'approval-recorded': (stage) => `We prepared “${stage}” for your approval.`,
  'approval-decided': (stage, { decision }) =>
    decision === 'approve' ? `You approved “${stage}”.` : `You asked for changes: “${stage}”.`,
  'approver-named': (stage) => `Another person was named to approve “${stage}”.`,
  'approval-expired': (stage) => `The approval request for “${stage}” expired.`,
  'order-paused': () => 'The order was paused.',
  'order-resumed': () => 'The order was resumed.',
  'order-completed': () => 'The order is complete.',
  'order-cancelled': () => 'The order was cancelled.',
  'order-restored': (_, { corrects }) =>
    corrects === undefined ? undefined : 'The cancellation was taken back. The order continues.',
  'status-changed': (_, { to }) => (to === 'live' ? 'It is live.' : `The order moved to ${String(to)}.`),
};

/** Only what reached the client, or did not: what waits or is in doubt concerns us alone. */
function ofMail(stage: string, { to, outcome, rung }: Record<string, unknown>): string | undefined {
  if (to !== 'client') return undefined;
  if (outcome === 'refused' || outcome === 'failed') return `Our email about “${stage}” could not be delivered to you.`;
  if (outcome !== 'delivered') return undefined;
  return rung === undefined ? `We emailed you about “${stage}”.` : `We reminded you of “${stage}”.`;
}
