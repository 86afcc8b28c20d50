/** What happened to the orders on their way, counted from the audit: the whole history of each, not the play's own book. */
import { openModels } from '../../models/open.ts';
import { connectMongo } from '../../runtime/mongo.ts';

export interface Figures {
  backEdges: number;
  expiredApprovals: number;
  overrides: number;
}

type Event = { type: string } & Record<string, unknown>;

export async function countFigures(mongoUri: string, ids: string[]): Promise<Figures> {
  const connection = await connectMongo(mongoUri, { waitMs: 30_000 });
  const { audit, orders } = openModels(connection);
  const lines = await audit.model.collection.find({ stream: { $in: ids.map(orders.streamOf) } }).toArray();
  await connection.close();
  const events = lines.flatMap((line) => line['events'] as Event[]);
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return {
    backEdges: count('stage-sent-back'),
    expiredApprovals: count('approval-expired'),
    overrides: count('stage-overridden'),
  };
}
