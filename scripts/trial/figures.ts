/** What happened to the orders on their way, counted from the audit: the whole history of each, not the play's own book. */
import { openModels } from '../../models/open.ts';
import { connectMongo } from '../../runtime/mongo.ts';

export interface Figures {
  backEdges: number;
  expiredApprovals: number;
  /** To clients, and to whoever sees to a client who stays silent. */
  reminders: number;
  revokedGrants: number;
  /** Stages that stood still because an access was lost, and went on. */
  blockedStages: number;
  /** Orders that waited for what another order of their account makes, and went on. */
  prerequisites: number;
  subscriptionPauses: number;
  /** Pauses by people, which are ended again. */
  pauses: number;
  correctedAddresses: number;
  /** Stages that took more than their budget. */
  slaBreaches: number;
  refusedMails: number;
  overrides: number;
}

type Event = { type: string; [key: string]: unknown };

export async function countFigures(mongoUri: string, ids: string[]): Promise<Figures> {
  const connection = await connectMongo(mongoUri, { waitMs: 30_000 });
  const { audit, orders, accounts } = openModels(connection);
  const lines = audit.model.collection;
  const find = async (stream: object) =>
    (
      await lines
        .find({ stream } as never)
        .sort({ stream: 1, seq: 1 })
        .toArray()
    ).map((line) => ({
      stream: String(line['stream']),
      events: line['events'] as Event[],
    }));
  const ofOrders = await find({ $in: ids.map(orders.streamOf) });
  const ofAccounts = await find({ $regex: `^${accounts.streamOf('')}` });
  await connection.close();

  const events = ofOrders.flatMap((line) => line.events);
  const count = (type: string) => events.filter((event) => event.type === type).length;
  const released = ids.flatMap((id) => {
    const own = ofOrders.filter(({ stream }) => stream === orders.streamOf(id)).flatMap((line) => line.events);
    return releasedIn(own).map((facts) => ({ id, facts }));
  });
  const awaited = released.filter(({ facts }) => facts.some((fact) => !fact.startsWith('grant.')));
  return {
    backEdges: count('stage-sent-back'),
    expiredApprovals: count('approval-expired'),
    reminders: count('reminder-due'),
    revokedGrants: ofAccounts.flatMap((line) => line.events).filter(({ to }) => to === 'revoked').length,
    blockedStages: released.length - awaited.length,
    prerequisites: new Set(awaited.map(({ id }) => id)).size,
    subscriptionPauses: events.filter(({ type, by }) => type === 'order-paused' && by === 'subscription').length,
    pauses: events.filter(({ type, by }) => type === 'order-paused' && by === 'person').length,
    correctedAddresses: count('order-updated'),
    slaBreaches: count('sla-breached'),
    refusedMails: events.filter(({ type, outcome }) => type === 'delivery-recorded' && outcome === 'refused').length,
    overrides: count('stage-overridden'),
  };
}

/** The facts of each blocking that came to an end. */
function releasedIn(events: Event[]): string[][] {
  const blocked = new Map<unknown, string[]>();
  return events.flatMap(({ type, stage, facts }) => {
    if (type === 'stage-blocked') blocked.set(stage, facts as string[]);
    const lacked = type === 'stage-unblocked' ? blocked.get(stage) : undefined;
    return lacked ? [lacked] : [];
  });
}
