/**
 * What each route takes: a right of the table in kernel/rights.ts, or nothing, when it is open to anybody.
 * `requirePolicies` lets no server start with a route that says neither.
 */
import type { FastifyInstance } from 'fastify';
import type { Permission, Resource, Right } from '../../kernel/rights.ts';

/** `open`: no key is asked for; whoever has the link, or nobody in particular, is meant. */
export type Policy = 'open' | Permission;

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

/** The policy of a route, as its Fastify `config`. */
export const may = (right: Right, resource: Resource) => ({ policy: { right, resource } });
export const openToAll = { policy: 'open' as const };

export interface KnownRoute {
  method: string;
  url: string;
  policy: Policy;
  /** Bytes. */
  bodyLimit: number;
}

/** Collects every route that is added from now on; `ready()` fails when one of them has no policy. */
export function requirePolicies(app: FastifyInstance): KnownRoute[] {
  const added: (Pick<KnownRoute, 'method' | 'url' | 'bodyLimit'> & { policy: () => Policy | undefined })[] = [];
  const known: KnownRoute[] = [];
  app.addHook('onRoute', (route) => {
    const { url, bodyLimit = app.initialConfig.bodyLimit ?? 0 } = route;
    for (const method of [route.method].flat()) {
      added.push({ method, url, bodyLimit, policy: () => route.config?.policy });
    }
  });
  app.addHook('onReady', async () => {
    for (const { policy, ...route } of added) {
      const its = policy();
      if (!its) throw new Error(`The route ${route.method} ${route.url} has no policy.`);
      known.push({ ...route, policy: its });
    }
  });
  return known;
}
