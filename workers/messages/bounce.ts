/** A mail server's later word on a mail: that it came back, or that it arrived. It ends where an immediate answer does. */
import { NotYet, Refusal } from '../../kernel/errors.ts';
import { seconds } from '../../kernel/time.ts';
import type { Outcome, WorkItem } from '../../kernel/work.ts';
import type { Payload } from '../../queues/contract.ts';
import type { notifications } from '../../queues/notifications.ts';
import type { Context } from '../machine/context.ts';
import { tellOfEnd } from './endings.ts';

export async function takeBounce(
  { mail, action, said }: Payload<typeof notifications, 'bounce'>,
  item: WorkItem,
  context: Context,
): Promise<Outcome> {
  const { models, clock } = context;
  const before = await models.notifications.get(mail);
  if (before?.agency !== item.agency) throw new Refusal('superseded', 'The report is about no mail of this agency.');
  if (before.state === 'sending') throw new NotYet('What became of the mail is not recorded yet.', seconds(5));
  if (action === 'failed') await models.notifications.bounce(mail, said, clock.now());
  else await models.notifications.confirm(mail, clock.now());
  const record = await models.notifications.get(mail);
  if (record) await tellOfEnd(record, context);
  return { status: 'done', result: { notification: mail } };
}
