/** Every collection, opened on one connection; `syncIndexes` makes the declared indexes. */
import type { Connection } from 'mongoose';
import { accountStore } from './account.ts';
import { agencyStore } from './agency.ts';
import type { Envelope } from './aggregate.ts';
import { alertStore } from './alert.ts';
import { apiKeyStore } from './api-key.ts';
import { approvalStore } from './approval.ts';
import { type AuditStore, auditStore } from './audit.ts';
import { itemStore } from './bulk-items.ts';
import { operationStore } from './bulk-operation.ts';
import { deadLetters } from './dead-letters.ts';
import { dispatchStore } from './dispatch.ts';
import { formResponseStore } from './form-response.ts';
import { heartbeatStore } from './heartbeat.ts';
import { linkStore } from './link.ts';
import { lookups } from './lookups.ts';
import { noteStore } from './note.ts';
import { notificationStore } from './notification.ts';
import { orderStore } from './order.ts';
import { orderReferences } from './order-reference.ts';
import { orderSearch } from './order-search.ts';
import { reminderSlots } from './reminder-slot.ts';
import { sessionStore } from './session.ts';
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
  const aggregates = openAggregates({ connection, audit });
  const records = openRecords(connection);
  return {
    connection,
    audit,
    ...aggregates,
    ...records,
    lookups: lookups(connection),
    workload: workload(aggregates.orders),
    orderSearch: orderSearch(aggregates),
    spanSearch: spanSearch(records.spans),
    deadLetters: deadLetters({ ...aggregates, ...records }),
    /** Every aggregate that has an outbox: what the dispatcher drains. */
    streams: Object.values(aggregates) as unknown as Stream<Envelope>[],
  };
}

const openAggregates = (parts: { connection: Connection; audit: AuditStore }) => ({
  orders: orderStore(parts),
  accounts: accountStore(parts),
  links: linkStore(parts),
  approvals: approvalStore(parts),
  dispatches: dispatchStore(parts),
  alerts: alertStore(parts),
  operations: operationStore(parts),
  /** What people did to a queue's items, by the queue's name. */
  interventions: stream<Envelope>(parts, 'queue', aggregateSchema('queue_interventions')),
});

const openRecords = (connection: Connection) => ({
  work: workStore(connection),
  staff: staffStore(connection),
  agencies: agencyStore(connection),
  apiKeys: apiKeyStore(connection),
  sessions: sessionStore(connection),
  vendors: vendorStore(connection),
  vendorGate: vendorGate(connection),
  reminderSlots: reminderSlots(connection),
  notes: noteStore(connection),
  notifications: notificationStore(connection),
  responses: formResponseStore(connection),
  orderReferences: orderReferences(connection),
  bulkItems: itemStore(connection),
  spans: spanStore(connection),
  heartbeats: heartbeatStore(connection),
});

export async function syncIndexes({ connection }: Models): Promise<void> {
  for (const model of Object.values(connection.models)) {
    await model.createCollection();
    await model.syncIndexes();
  }
}
