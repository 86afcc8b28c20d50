/**
 * Mails whose outcome nobody knows, and those that were refused without a stage that would say so: a person hears of each by
 * an alert, and answers once. Whoever is called looks at what the record says now, so that a look comes to the same
 * however often and however late it is made.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import type { EffectDraft, Outcome, WorkItem } from '../../kernel/work.ts';
import { type Alert, alertIdOf } from '../../models/alert.ts';
import type { Payload } from '../../queues/contract.ts';
import type { notifications } from '../../queues/notifications.ts';
import { deliveryUnknown, doubtOf, refusalOf, requireDoubt } from '../../workflows/rules/doubt.ts';
import { apply, type Decision } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';
import { settled } from './alerts.ts';
import { isForAPerson, isOfStage, isRefused, tellOfEnd } from './endings.ts';

/** The alert of one mail, kept as its record is now. */
export async function keepDoubt(
  { notification: id }: Payload<typeof notifications, 'doubt'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const { models, business } = context;
  const mail = await models.notifications.get(id);
  if (!mail) throw new Refusal('superseded', `There is no notification ${id} any more.`);
  const { agency, account, order, stage, state, template, to = 'client', at: since, changes: seq = 0 } = mail;
  const manager = (await models.orders.get(order))?.state.manager;
  const about = { template, to, since };
  const alarm =
    state === 'unknown' && isForAPerson(mail)
      ? doubtOf(about)
      : isRefused(mail) && !isOfStage(mail)
        ? refusalOf(about)
        : undefined;
  const kept = { agency, account, order, notification: id, seq, ...(manager && { manager }) };
  const decide = (alert: Alert | undefined): Decision => {
    const isOver = (alert?.state ?? 'resolved') === 'resolved' && !alarm;
    if (isOver || (alert && alert.seq >= seq)) throw new Refusal('superseded', 'It is known.');
    const name = { kind: alarm?.kind ?? alert?.kind ?? deliveryUnknown, ...(stage && { stage }) };
    return settled(alert, { alarm, name, kept, now: business.now() });
  };
  return apply({ stream: models.alerts, id: alertOf(id), item, action: 'keep-alert', decide }, context);
}

/** The id of a mail that was sent again has the alert's in it: hashed, it does not grow with every answer. */
const alertOf = (notification: string): string => alertIdOf(hashedId(notification), deliveryUnknown);

/** A person has found out that it arrived, or wants it sent again: then it is another mail, under an id of its own. */
export async function answer(
  { alert: id, outcome }: Payload<typeof notifications, 'answer'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const { models, business, clock } = context;
  const mail = (await models.alerts.get(id))?.notification ?? '';
  const sent = outcome === 'send_again' ? await models.work.get(mail) : null;
  const decide = (alert: Alert | undefined): Decision => {
    requireDoubt(alert, id);
    const set = { state: 'resolved', resolvedAt: business.now() };
    const effects = outcome === 'send_again' ? [again(sent, item)] : [];
    return { set, events: [{ type: 'delivery-answered', notification: mail, outcome }], effects };
  };
  const answered = await apply({ stream: models.alerts, id, item, action: 'answer-delivery', decide }, context);
  if (answered.status !== 'done' || outcome !== 'arrived') return answered;
  await models.notifications.confirm(mail, clock.now());
  const record = await models.notifications.get(mail);
  if (record) await tellOfEnd(record, context);
  return answered;
}

function again(sent: WorkItem | null, { actor, requestId }: WorkItem): EffectDraft {
  if (!sent) throw new Refusal('job_not_found', 'What was to be sent is not kept any more; send it from its stage.');
  const { queue, kind, schema, payload, agency, account, order } = sent;
  const who = { actor, cause: 'worker' as const, ...(requestId && { requestId }) };
  return { ...who, queue, kind, schema, payload, agency, account, ...(order && { order }) };
}
