/** Every collection, opened on one connection; `syncIndexes` makes the declared indexes. */
import type { Connection } from 'mongoose';
import { auditStore } from './audit.ts';
import { orderStore } from './order.ts';
import { workStore } from './work.ts';

export type Models = ReturnType<typeof openModels>;

export function openModels(connection: Connection) {
  const audit = auditStore(connection);
  const parts = { connection, audit };
  const orders = orderStore(parts);
  return {
    connection,
    audit,
    orders,
    work: workStore(connection),
    /** Every aggregate that has an outbox: what the dispatcher drains. */
    streams: [orders],
  };
}

export async function syncIndexes({ connection }: Models): Promise<void> {
  for (const model of Object.values(connection.models)) {
    await model.createCollection();
    await model.syncIndexes();
  }
}
