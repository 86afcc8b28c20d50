/**
 * Who may do what: one table, role × resource × right. What is not in it is forbidden. Every route names the right it
 * takes, or says that it is open to anybody; `requirePolicies` lets no server start with a route that says neither.
 */
import type { FastifyInstance } from 'fastify';
import type { Role } from '../kernel/actor.ts';

export type Right = 'create' | 'read' | 'update' | 'delete' | 'manage';
export type Resource = 'order' | 'setup' | 'onboarding' | 'store' | 'job' | 'queue';

/** `open`: no key is asked for; whoever has the link, or nobody in particular, is meant. */
export type Policy = 'open' | { right: Right; resource: Resource };

declare module 'fastify' {
  interface FastifyInstance {
    knownRoutes: readonly KnownRoute[];
  }
  interface FastifyContextConfig {
    policy?: Policy;
    /** A browser may come with the cookie of the sign-in page, and is sent there without one. */
    signIn?: boolean;
    /** Only for keys of the house: what is shown belongs to every agency. */
    house?: boolean;
  }
}

const every: Right[] = ['create', 'read', 'update', 'delete', 'manage'];

export const table: Record<Role, Record<Resource, Right[]>> = {
  order_admin: { order: every, setup: every, onboarding: every, store: every, job: every, queue: every },
  setup_manager: {
    order: ['read', 'update'],
    setup: ['read', 'update', 'manage'],
    onboarding: ['create', 'read', 'update'],
    store: ['read'],
    job: ['read', 'create'],
    queue: ['read'],
  },
  account_manager: {
    order: ['read'],
    setup: ['read'],
    onboarding: ['read'],
    store: ['read'],
    job: ['read'],
    queue: [],
  },
  fulfillment: {
    order: ['read'],
    setup: ['read', 'update'],
    onboarding: ['read'],
    store: [],
    job: ['read', 'create'],
    queue: [],
  },
};

/** The policy of a route, as its Fastify `config`. */
export const may = (right: Right, resource: Resource) => ({ policy: { right, resource } });
export const openToAll = { policy: 'open' as const };

export function isAllowed(role: Role, { right, resource }: Exclude<Policy, 'open'>): boolean {
  return table[role][resource].includes(right);
}

export interface KnownRoute {
  method: string;
  url: string;
  policy: Policy;
}

/** Collects every route that is added from now on; `ready()` fails when one of them has no policy. */
export function requirePolicies(app: FastifyInstance): KnownRoute[] {
  const added: { method: string; url: string; policy: () => Policy | undefined }[] = [];
  const known: KnownRoute[] = [];
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat())
      added.push({ method, url: route.url, policy: () => route.config?.policy });
  });
  app.addHook('onReady', async () => {
    for (const { method, url, policy } of added) {
      const its = policy();
      if (!its) throw new Error(`The route ${method} ${url} has no policy.`);
      known.push({ method, url, policy: its });
    }
  });
  return known;
}
