/**
 * Tells whoever asked for a mail what became of it: the stage of the order by a command, and people by an alert where no
 * stage shows it. Each end of a mail is told under an id of its own, so that telling it twice is telling it once.
 */
import { clip } from '../../kernel/clip.ts';
import { hashedId } from '../../kernel/ids.ts';
import type { WorkDraft } from '../../kernel/work.ts';
import { templateOf } from '../../mail/render.ts';
import type { Notification } from '../../models/notification.ts';
import type { Order } from '../../models/order.ts';
import { accept } from '../../queues/accept.ts';
import { from } from '../../queues/from.ts';
import { notifications } from '../../queues/notifications.ts';
import { setup } from '../../queues/setup.ts';
import { readerOf, sameMailbox } from '../../workflows/gates/reader.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import type { MailOutcome } from '../../workflows/words/delivery.ts';
import { calledOnce, type StageState } from '../../workflows/words/state.ts';
import type { Context } from '../machine/context.ts';

const triesWhenUnknown = 3;

/** Nobody is sent the same letter for ever, because a server never says that it took it. */
export function isForAPerson({ template, tries }: Pick<Notification, 'template' | 'tries'>): boolean {
  return templateOf(template).whenUnknown === 'hold' || tries >= triesWhenUnknown;
}

export const isRefused = ({ state }: Notification): boolean => state === 'failed' || state === 'bounced';

/** Whether the stage itself says, and has an alert of its own, when its client is not reached. */
export const isOfStage = ({ stage, to = 'client' }: Notification): boolean => stage !== undefined && to === 'client';

/** `isGivenUp`: no further try is made by itself. */
export async function tellOfEnd(record: Notification, context: Context, { isGivenUp = false } = {}): Promise<void> {
  await tellStage(record, isGivenUp ? 'failed' : outcomeOf(record), context);
  const isDoubtful = record.state === 'unknown' || record.wasUnknown;
  if (isDoubtful || (isRefused(record) && !isOfStage(record))) await tellPeople(record, context);
}

function outcomeOf(record: Notification): MailOutcome | undefined {
  switch (record.state) {
    case 'sent':
      return 'delivered';
    case 'failed':
    case 'bounced':
      return 'refused';
    case 'unknown':
      return isForAPerson(record) ? 'unknown' : 'held';
    case 'queued':
    case 'held':
      return 'held';
    case 'superseded':
      return 'superseded';
    case 'sending':
      return undefined;
  }
}

/** Only what asks the client, and reminders, are claims of a stage. */
async function tellStage(record: Notification, outcome: MailOutcome | undefined, context: Context): Promise<void> {
  const { _id: mail, order: id, stage, about, rung, changes = 1, response, to = 'client' } = record;
  if (!outcome || stage === undefined || (to !== 'client' && rung === undefined)) return;
  const order = await context.models.orders.get(id);
  const current = order && calledOnce(order.state, stage);
  if (!order || !current || !(await isStillForReader(record, { order, current }, context))) return;
  const { round = current.round } = record;
  const command = {
    ...{ type: 'record-delivery' as const, stage: current.key, round, mail, seq: changes, outcome },
    ...(about !== undefined && rung !== undefined && { about, rung }),
    ...(response && outcome !== 'delivered' && { said: clip(response, 500) }),
  };
  const _id = `delivery-${hashedId(mail, JSON.stringify(command))}`;
  await put(setup.draft('command', { order: id, command }, { ...from(subjectOf(record)), _id }), context);
}

/** What becomes of a mail to an address that was corrected since says nothing of the stage. */
async function isStillForReader(
  { recipient, to = 'client' }: Notification,
  { order: { state }, current }: { order: Order; current: StageState },
  { models }: Context,
): Promise<boolean> {
  if (to !== 'client' || !recipient) return true;
  const stage = stageOf(workflowFor(state.product, state.workflowVersion), current.key);
  const reader = current.reader && readerOf(stage, state, current);
  if (reader) return sameMailbox(reader, recipient);
  const { page: kind } = stage.gateRules;
  const id = kind && current[kind];
  if (!id) return kind !== undefined || recipient.email === state.client.email;
  const page = await (kind === 'approval' ? models.approvals.get(id) : models.links.get(id));
  return !page || sameMailbox(page.recipient, recipient);
}

/** Has the record looked at, once for each of its changes. */
async function tellPeople(record: Notification, context: Context): Promise<void> {
  const { _id: notification, changes = 0 } = record;
  const _id = `doubt-${hashedId(notification, String(changes))}`;
  await put(notifications.draft('doubt', { notification }, { ...from(subjectOf(record)), _id }), context);
}

const subjectOf = ({ agency, account, order }: Notification) => ({ agency, account, order });

const put = (draft: WorkDraft, { models, nudger, clock }: Context) =>
  accept(draft, { work: models.work, nudger, clock });
