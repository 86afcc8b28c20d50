/** Who may do what: one table, role × resource × right. What is not in it is forbidden. */
import type { Role } from './actor.ts';

export type Right = 'create' | 'read' | 'update' | 'delete' | 'manage';
export type Resource = 'order' | 'setup' | 'onboarding' | 'store' | 'job' | 'queue' | 'bulk' | 'account' | 'analytics';

export interface Permission {
  right: Right;
  resource: Resource;
}

const every: Right[] = ['create', 'read', 'update', 'delete', 'manage'];

export const table: Record<Role, Record<Resource, Right[]>> = {
  order_admin: {
    ...{ order: every, setup: every, onboarding: every, store: every, job: every, queue: every },
    ...{ bulk: every, account: every, analytics: every },
  },
  setup_manager: {
    order: ['read', 'update'],
    setup: ['read', 'update', 'manage'],
    onboarding: ['create', 'read', 'update'],
    store: ['read'],
    job: ['read', 'create'],
    queue: ['read'],
    bulk: ['create', 'read', 'update'],
    account: ['read', 'update'],
    analytics: ['read'],
  },
  account_manager: {
    order: ['read'],
    setup: ['read'],
    onboarding: ['read'],
    store: ['read'],
    job: ['read'],
    queue: [],
    bulk: [],
    account: ['read'],
    analytics: ['read'],
  },
  fulfillment: {
    order: ['read'],
    setup: ['read', 'update'],
    onboarding: ['read'],
    store: [],
    job: ['read', 'create'],
    queue: [],
    bulk: [],
    account: ['read', 'update'],
    analytics: [],
  },
};

export function isAllowed(role: Role, { right, resource }: Permission): boolean {
  return table[role][resource].includes(right);
}
