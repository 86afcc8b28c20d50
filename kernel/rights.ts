/** Who may do what: one table, role × resource × right. What is not in it is forbidden. */
import type { Role } from './actor.ts';

export type Right = 'create' | 'read' | 'update' | 'delete' | 'manage';
export type Resource = 'order' | 'setup' | 'onboarding' | 'store' | 'job' | 'queue' | 'account' | 'analytics';

export interface Permission {
  right: Right;
  resource: Resource;
}

const every: Right[] = ['create', 'read', 'update', 'delete', 'manage'];

export const table: Record<Role, Record<Resource, Right[]>> = {
  order_admin: {
    ...{ order: every, setup: every, onboarding: every, store: every, job: every, queue: every },
    ...{ account: every, analytics: every },
  },
  setup_manager: {
    order: ['read', 'update'],
    setup: ['read', 'update', 'manage'],
    onboarding: ['create', 'read', 'update'],
    store: ['read'],
    job: ['read', 'create'],
    queue: ['read'],
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
    account: ['read', 'update'],
    analytics: [],
  },
};

export function isAllowed(role: Role, { right, resource }: Permission): boolean {
  return table[role][resource].includes(right);
}
