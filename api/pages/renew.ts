/**
 * POST /approve/:token/renew: whoever holds the page of an approval that has expired asks for a new one. It is mailed to the
 * same person as before, once for each page that expired. A form does not expire: its link lives while it is waited for.
 */
import { Refusal } from '../../kernel/errors.ts';
import { minutes } from '../../kernel/time.ts';
import { acceptCommand } from '../../queues/accept-command.ts';
import type { Dependencies, Exchange, Route } from '../context.ts';
import { openToAll } from '../http/policy.ts';
import { tokenPath } from '../schemas/wire.ts';
import { notValid } from './client-links.ts';
import { type DeadLink, findDead } from './dead-links.ts';
import { answeringLinks, sendDead } from './messages.ts';
import { isFromPage } from './page.ts';

const mostAMinute = 10;

const rateLimit = {
  max: mostAMinute,
  timeWindow: minutes(1),
  errorResponseBuilder: (_request: unknown, { ttl }: { ttl: number }) =>
    new Refusal('too_many_requests', `Wait ${Math.ceil(ttl / 1_000)} s, then ask again.`),
};

export const renewPage: Route = (api, deps) =>
  api.route({
    method: 'POST',
    url: '/approve/:token/renew',
    config: { ...openToAll, rateLimit },
    schema: { tags: ['Pages'], summary: 'Ask for a new link after one has expired', params: tokenPath },
    handler: (request, reply) =>
      answeringLinks({ request, reply }, { kind: 'approval', deps }, async () => {
        const dead = await findDead('approval', request.params.token, deps);
        if (dead?.fate !== 'expired' && dead?.fate !== 'renewed') throw notValid();
        if (dead.fate === 'expired') await askAnew(dead, request.id, deps);
        return answer({ request, reply }, dead);
      }),
  });

async function askAnew(
  { page, order, stage, renewal: work }: DeadLink,
  requestId: string,
  deps: Dependencies,
): Promise<void> {
  const { _id: id, round, recipient } = page;
  const command = { type: 'renew-page', stage, round, recipient } as const;
  const asking = { work, actor: { type: 'client', id } as const, cause: 'client-link' as const, command, requestId };
  try {
    await acceptCommand(asking, order, deps);
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'too_many_requests') throw notValid();
    throw error;
  }
}

function answer({ request, reply }: Exchange, dead: DeadLink) {
  if (!isFromPage(request)) return reply.code(202).send({ requested: true });
  return sendDead(reply, { ...dead, fate: 'renewed' }, { status: 202, path: request.url });
}
