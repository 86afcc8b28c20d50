/**
 * Who is asking. A key is looked up at every request, so that a revoked or expired one ends at once. Unknown, expired
 * and revoked keys have the same answer.
 */
import type { FastifyRequest } from 'fastify';
import type { Actor, Role } from '../../kernel/actor.ts';
import { Refusal } from '../../kernel/errors.ts';
import { isAllowed } from '../../kernel/rights.ts';
import type { ApiKey } from '../../models/api-key.ts';
import type { Scope } from '../../models/scope.ts';
import type { Dependencies, Exchange } from '../context.ts';
import { wantsPage } from '../pages/page.ts';
import type { Policy } from './policy.ts';
import { tokenInCookie } from './sessions.ts';

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

/** Takes in who asks; throws `unauthenticated` or `forbidden`, or sends a browser to the sign-in page. */
export async function authenticate(
  { request, reply }: Exchange,
  { policy = 'open', signIn = false, house = false }: { policy?: Policy; signIn?: boolean; house?: boolean },
  deps: Dependencies,
): Promise<void> {
  if (policy === 'open') return;
  const key = await findKey(request, signIn, deps);
  if (!key && signIn && wantsPage(request.headers.accept)) return void reply.redirect('/admin/sign-in', 303);
  if (!key) throw new Refusal('unauthenticated', whyUnknown(request));
  const caller = callerOf(key);
  if (!isAllowed(caller.role, policy)) {
    const { right, resource } = policy;
    throw new Refusal('forbidden', `The role ${caller.role} does not have the right to ${right} ${resource}.`);
  }
  if (house && caller.scope.agency !== undefined) {
    throw new Refusal('forbidden', 'This covers every agency, but the key belongs to one agency.');
  }
  request.caller = caller;
}

/** The caller of a route whose policy asked for one. */
export function callerIn({ caller }: FastifyRequest): Caller {
  if (!caller) throw new Error('The route is public; it has no caller.');
  return caller;
}

function callerOf({ _id, type, role, agency, accounts }: ApiKey): Caller {
  return {
    actor: { type, id: _id, role },
    role,
    scope: { ...(agency !== undefined && { agency }), ...(accounts !== undefined && { accounts }) },
  };
}

async function findKey(
  { headers }: FastifyRequest,
  signIn: boolean,
  { models, clock }: Dependencies,
): Promise<ApiKey | undefined> {
  const [, key] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (key) return models.apiKeys.find(key, clock.now());
  const token = signIn ? tokenInCookie(headers.cookie) : undefined;
  const id = token === undefined ? undefined : await models.sessions.keyOf(token, clock.now());
  return id === undefined ? undefined : models.apiKeys.get(id, clock.now());
}

const whyUnknown = ({ headers }: FastifyRequest): string =>
  headers.authorization === undefined ? 'The request has no API key.' : 'The API key is not valid.';
