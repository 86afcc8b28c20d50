/**
 * Keeps alerts as their causes are. Whoever is called looks at what is now, not at what was when it was called: twice,
 * late or out of order comes to the same. What an older version of the order says never overrules what a newer one said.
 */
import { Refusal } from '../../kernel/errors.ts';
import { after, seconds } from '../../kernel/time.ts';
import type { Outcome, WorkItem } from '../../kernel/work.ts';
import { type Alert, type AlertState, alertIdOf } from '../../models/alert.ts';
import type { Payload } from '../../queues/contract.ts';
import { from } from '../../queues/from.ts';
import { notifications } from '../../queues/notifications.ts';
import { workflowFor } from '../../workflows/index.ts';
import { type Alarm, alarmsOf, isSame } from '../../workflows/telling/alarms.ts';
import { apply, type Decision } from '../machine/apply.ts';
import type { Context } from '../machine/context.ts';

type Kept = Pick<AlertState, 'agency' | 'account' | 'seq'> &
  Partial<Pick<AlertState, 'order' | 'staff' | 'manager' | 'notification'>>;

/** The alert of one cause of one order. */
export async function keepAlert(
  { order: id, kind, stage }: Payload<typeof notifications, 'alert'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const { orders, alerts } = context.models;
  const order = await orders.get(id);
  if (!order) throw new Refusal('order_not_found', `There is no order ${id}.`);
  const { state, agency, account, version: seq } = order;
  const name = { kind, ...(stage && { stage }) };
  const alarm = alarmsOf(workflowFor(state.product, state.workflowVersion), state).find((one) => isSame(one, name));
  const kept = { agency, account, order: id, seq, ...(state.manager && { manager: state.manager }) };
  const decide = (alert: Alert | undefined): Decision => {
    if (alert && alert.seq >= seq) throw new Refusal('superseded', 'A newer version of the order was looked at.');
    return settled(alert, { alarm, name, kept, now: context.business.now() });
  };
  return apply({ stream: alerts, id: alertIdOf(id, kind, stage), item, action: 'keep-alert', decide }, context);
}

const weighAgainAfter = seconds(10);

/**
 * Somebody has more than they can carry, or no longer. Orders change while they are counted, so that every change of the
 * alert has them counted once more.
 */
export async function weigh(
  { staff: id }: Payload<typeof notifications, 'weigh'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const { models, business } = context;
  const [person, orders] = await Promise.all([models.staff.get(id), models.workload.ordersOf(id)]);
  const capacity = person?.capacity ?? Number.POSITIVE_INFINITY;
  const alarm: Alarm | undefined =
    orders > capacity
      ? {
          ...{ kind: 'capacity', severity: 'warning', since: business.now() },
          ...{ what: `More than ${capacity} orders in set-up.`, cure: 'Assign some of them to others.' },
        }
      : undefined;
  const decide = (alert: Alert | undefined): Decision => {
    if ((alert?.state ?? 'resolved') === 'resolved' ? !alarm : alarm) throw new Refusal('superseded', 'It is known.');
    const kept = { agency: person?.agency ?? item.agency, account: 'none', staff: id, seq: (alert?.seq ?? 0) + 1 };
    const decision = settled(alert, { alarm, name: { kind: 'capacity' }, kept, now: business.now() });
    return { ...decision, effects: [anotherLook(id, item, after(business.now(), weighAgainAfter))] };
  };
  return apply({ stream: models.alerts, id: alertIdOf(id, 'capacity'), item, action: 'weigh', decide }, context);
}

/** Somebody says that they are at it. */
export function acknowledge(
  { alert: id }: Payload<typeof notifications, 'acknowledge'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const decide = (alert: Alert | undefined): Decision => {
    if (!alert) throw new Refusal('alert_not_found', `There is no alert ${id}.`);
    if (alert.state === 'resolved') throw new Refusal('alert_resolved', 'The cause of the alert no longer exists.');
    if (alert.state === 'acknowledged') throw new Refusal('nothing_changed', 'It is already acknowledged.');
    const set = { state: 'acknowledged', acknowledgedBy: item.actor.id };
    return { set, events: [{ type: 'alert-acknowledged', kind: alert.kind }], effects: [] };
  };
  return apply({ stream: context.models.alerts, id, item, action: 'acknowledge', decide }, context);
}

interface Look {
  alarm: Alarm | undefined;
  name: { kind: string; stage?: string };
  kept: Kept;
  now: Date;
}

/** A cause that is over before its alert was made leaves one that was never raised, so that nothing older makes it. */
export function settled(alert: Alert | undefined, { alarm, name, kept, now }: Look): Decision {
  const { kind, stage } = name;
  const about = { kind, ...(stage && { stage }) };
  if (!alarm) {
    const blank = { severity: 'notice', count: 0, since: now, what: '', cure: '' } as const;
    const over = { state: 'resolved', resolvedAt: now, acknowledgedBy: null };
    const set = { ...(alert ? {} : blank), ...about, ...kept, ...over };
    return { set, events: [{ type: 'alert-resolved', ...about }], effects: [] };
  }
  const isNew = !alert || alert.state === 'resolved' || alert.severity !== alarm.severity;
  const { severity, since, what, cure } = alarm;
  const raised = { state: 'open', acknowledgedBy: null, resolvedAt: null, since };
  const count = (alert?.count ?? 0) + (!alert || alert.state === 'resolved' ? 1 : 0);
  const set = { ...about, ...kept, severity, what, cure, count, ...(isNew && raised) };
  return { set, events: [{ type: isNew ? 'alert-raised' : 'alert-kept', ...about, severity }], effects: [] };
}

function anotherLook(staff: string, { agency, account, requestId }: WorkItem, runAt: Date) {
  const own = from({ agency, account, ...(requestId && { requestId }) });
  return notifications.draft('weigh', { staff }, { ...own, runAt });
}
