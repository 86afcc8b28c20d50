/** Every collection, opened on one connection; `syncIndexes` makes the declared indexes. */
import type { Connection } from 'mongoose';
import { accountStore } from './account.ts';
import { agencyStore } from './agency.ts';
import type { Envelope } from './aggregate.ts';
import { apiKeyStore } from './api-key.ts';
import { approvalStore } from './approval.ts';
import { auditStore } from './audit.ts';
import { deadLetters } from './dead-letters.ts';
import { dispatchStore } from './dispatch.ts';
import { formResponseStore } from './form-response.ts';
import { heartbeatStore } from './heartbeat.ts';
import { linkStore } from './link.ts';
import { lookups } from './lookups.ts';
import { notificationStore } from './notification.ts';
import { orderStore } from './order.ts';
import { orderSearch } from './order-search.ts';
import { spanStore } from './span.ts';
import { spanSearch } from './span-search.ts';
import { aggregateSchema, type Stream, stream } from './stream.ts';
import { vendorStore } from './vendor.ts';
import { vendorGate } from './vendor-gate.ts';
import { workStore } from './work.ts';

export type Models = ReturnType<typeof openModels>;

export function openModels(connection: Connection) {
  const audit = auditStore(connection);
  const parts = { connection, audit };
  const orders = orderStore(parts);
  const links = linkStore(parts);
  const approvals = approvalStore(parts);
  const dispatches = dispatchStore(parts);
  const accounts = accountStore(parts);
  const work = workStore(connection);
  const spans = spanStore(connection);
  /** What people did to a queue's items, by the queue's name. */
  const interventions = stream<Envelope>(parts, 'queue', aggregateSchema('queue_interventions'));
  return {
    connection,
    audit,
    orders,
    links,
    approvals,
    dispatches,
    vendors: vendorStore(connection),
    vendorGate: vendorGate(connection),
    agencies: agencyStore(connection),
    accounts,
    responses: formResponseStore(connection),
    notifications: notificationStore(connection),
    apiKeys: apiKeyStore(connection),
    orderSearch: orderSearch(orders),
    spans,
    spanSearch: spanSearch(spans),
    lookups: lookups(connection),
    work,
    heartbeats: heartbeatStore(connection),
    deadLetters: deadLetters(work, interventions),
    /** Every aggregate that has an outbox: what the dispatcher drains. */
    streams: [orders, accounts, links, approvals, dispatches, interventions] as unknown as Stream<Envelope>[],
  };
}

export async function syncIndexes({ connection }: Models): Promise<void> {
  for (const model of Object.values(connection.models)) {
    await model.createCollection();
    await model.syncIndexes();
  }
}
