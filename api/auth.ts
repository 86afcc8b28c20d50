/**
 * Who is asking. A key is looked up at every request, so that a revoked or expired one ends at once. Unknown, expired
 * and revoked keys have the same answer.
 */
import type { FastifyRequest } from 'fastify';
import type { Actor, Role } from '../kernel/actor.ts';
import { Refusal } from '../kernel/errors.ts';
import type { ApiKey } from '../models/api-key.ts';
import type { Scope } from '../models/scope.ts';
import type { Dependencies } from './context.ts';
import { isAllowed, type Policy } from './policy.ts';

export interface Caller {
  actor: Actor & { role: Role };
  role: Role;
  scope: Scope;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** Resolves to the caller when the key is good and its role has the right; throws `unauthenticated` or `forbidden`. */
export async function authenticate(request: FastifyRequest, policy: Policy, deps: Dependencies): Promise<void> {
  if (policy === 'open') return;
  const caller = callerOf(await findKey(request, deps));
  if (!isAllowed(caller.role, policy)) {
    const { right, resource } = policy;
    throw new Refusal('forbidden', `The role ${caller.role} has no right to ${right} on ${resource}.`);
  }
  request.caller = caller;
}

/** The caller of a route whose policy asked for one. */
export function callerIn({ caller }: FastifyRequest): Caller {
  if (!caller) throw new Error('The route is open to all; it has no caller.');
  return caller;
}

export function callerOf({ _id, type, role, agency, accounts }: ApiKey): Caller {
  return {
    actor: { type, id: _id, role },
    role,
    scope: { ...(agency !== undefined && { agency }), ...(accounts !== undefined && { accounts }) },
  };
}

async function findKey({ headers }: FastifyRequest, { models, clock }: Dependencies): Promise<ApiKey> {
  const [, key] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (!key) throw new Refusal('unauthenticated', 'The request names no API key.');
  const found = await models.apiKeys.find(key, clock.now());
  if (!found) throw new Refusal('unauthenticated', 'The API key is not valid.');
  return found;
}
