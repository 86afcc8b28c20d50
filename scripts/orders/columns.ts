/** The columns of an export: what an order says under each name. Names that an import knows are the same there. */
import type { OrderView } from '../../api/schemas/order.ts';
import type { Cell } from '../../runtime/csv-cells.ts';

export const columns = {
  id: ({ id }) => id,
  account: ({ account }) => account,
  account_name: ({ accountName }) => accountName,
  agency: ({ agency }) => agency,
  title: ({ title }) => title,
  reference: ({ reference }) => reference,
  product: ({ product }) => product,
  tier: ({ tier }) => tier,
  status: ({ status }) => status,
  onboarding: ({ onboarding }) => onboarding,
  stage: ({ stage }) => stage,
  holder: ({ holder }) => holder,
  holder_since: ({ holderSince }) => holderSince,
  client_name: ({ client }) => client.name,
  client_email: ({ client }) => client.email,
  manager: ({ manager }) => manager,
  priority: ({ priority }) => priority,
  tags: ({ tags = [] }) => tags.join(', '),
  due_on: ({ dueOn }) => dueOn,
  sla_due_at: ({ slaDueAt }) => slaDueAt,
  blocker: ({ why }) => why.blocker,
  next_step: ({ why }) => why.unblock,
  notes: ({ noteCount }) => noteCount,
  source: ({ source }) => source,
  options: ({ options }) => (Object.keys(options).length > 0 ? JSON.stringify(options) : ''),
  overrides: ({ overrides }) => overrides,
  exceptions: ({ exceptions }) => exceptions,
  version: ({ version }) => version,
  created_at: ({ createdAt }) => createdAt,
  last_activity_at: ({ lastActivityAt }) => lastActivityAt,
  live_at: ({ liveAt }) => liveAt,
  closed_at: ({ closedAt }) => closedAt,
} satisfies Record<string, (order: OrderView) => Cell>;

export type Column = keyof typeof columns;

export const columnNames = Object.keys(columns) as Column[];
