/** Every collection, opened on one connection; `syncIndexes` makes the declared indexes. */
import type { Connection } from 'mongoose';
import { accountStore } from './account.ts';
import { agencyStore } from './agency.ts';
import type { Envelope } from './aggregate.ts';
import { alertStore } from './alert.ts';
import { apiKeyStore } from './api-key.ts';
import { approvalStore } from './approval.ts';
import { auditStore } from './audit.ts';
import { itemStore } from './bulk-items.ts';
import { operationStore } from './bulk-operation.ts';
import { deadLetters } from './dead-letters.ts';
import { dispatchStore } from './dispatch.ts';
import { formResponseStore } from './form-response.ts';
import { heartbeatStore } from './heartbeat.ts';
import { linkStore } from './link.ts';
import { lookups } from './lookups.ts';
import { notificationStore } from './notification.ts';
import { orderStore } from './order.ts';
import { orderReferences } from './order-reference.ts';
import { orderSearch } from './order-search.ts';
import { reminderSlots } from './reminder-slot.ts';
import { spanStore } from './span.ts';
import { spanSearch } from './span-search.ts';
import { staffStore } from './staff.ts';
import { aggregateSchema, type Stream, stream } from './stream.ts';
import { vendorStore } from './vendor.ts';
import { vendorGate } from './vendor-gate.ts';
import { workStore } from './work.ts';
import { workload } from './workload.ts';

export type Models = ReturnType<typeof openModels>;

export function openModels(connection: Connection) {
  const audit = auditStore(connection);
  const parts = { connection, audit };
  const orders = orderStore(parts);
  const links = linkStore(parts);
  const approvals = approvalStore(parts);
  const dispatches = dispatchStore(parts);
  const alerts = alertStore(parts);
  const operations = operationStore(parts);
  const accounts = accountStore(parts);
  const work = workStore(connection);
  const notifications = notificationStore(connection);
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
    alerts,
    staff: staffStore(connection),
    workload: workload(orders),
    reminderSlots: reminderSlots(connection),
    operations,
    bulkItems: itemStore(connection),
    vendors: vendorStore(connection),
    vendorGate: vendorGate(connection),
    agencies: agencyStore(connection),
    accounts,
    responses: formResponseStore(connection),
    notifications,
    apiKeys: apiKeyStore(connection),
    orderReferences: orderReferences(connection),
    orderSearch: orderSearch({ orders, accounts, dispatches, alerts }),
    spans,
    spanSearch: spanSearch(spans),
    lookups: lookups(connection),
    work,
    heartbeats: heartbeatStore(connection),
    deadLetters: deadLetters({ work, interventions, dispatches }),
    /** Every aggregate that has an outbox: what the dispatcher drains. */
    streams: [
      ...[orders, accounts, links, approvals, dispatches],
      ...[alerts, operations, interventions],
    ] as unknown as Stream<Envelope>[],
  };
}

export async function syncIndexes({ connection }: Models): Promise<void> {
  for (const model of Object.values(connection.models)) {
    await model.createCollection();
    await model.syncIndexes();
  }
}
