/**
 * Bull Board at /admin/queues: read-only, for keys that may manage queues. A job's data is the id of its work item, and
 * each job links to that item; what is done about a job goes through our own, audited API.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Queue } from 'bullmq';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Redis } from 'ioredis';
import { Refusal } from '../kernel/errors.ts';
import { queues } from '../queues/index.ts';
import { intake } from '../queues/intake.ts';
import type { Log } from '../runtime/log.ts';
import { may } from './http/policy.ts';
import { answerErrors, sendProblem } from './http/problems.ts';

export interface BoardPorts {
  connection: Redis;
  prefix: string;
}

const path = '/admin/queues';

export async function serveBoard(app: FastifyInstance, { connection, prefix }: BoardPorts, log: Log): Promise<void> {
  const opened = [intake.name, ...Object.keys(queues)].map(
    (name) => new Queue(name, { connection, prefix, skipWaitingForReady: true }),
  );
  for (const queue of opened) queue.on('error', () => undefined); // The connection's owner logs its errors.
  app.addHook('onClose', () => Promise.allSettled(opened.map((queue) => queue.close())).then(() => undefined));

  const server = new FastifyAdapter();
  createBullBoard({
    queues: opened.map(adapted),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'Orderworks', miscLinks: [{ text: 'Sign out', url: '/admin/sign-out' }] } },
  });
  server.setBasePath(path);
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...may('manage', 'queue'), signIn: true, house: true };
      // The board's own handler would answer with a fault, or with a stack.
      route.errorHandler = answerErrors(log);
    });
    // Its own read-only mode is the queues', each by each; what concerns all at once would still be done.
    scope.addHook('onRequest', async ({ method }, reply) => {
      if (method === 'GET' || method === 'HEAD') return;
      return sendProblem(
        reply,
        new Refusal('method_not_allowed', 'The board is read-only. Use the API to make changes.'),
      );
    });
    scope.addHook('onSend', async (_request, reply, payload) => withoutForeignHosts(reply, payload));
    await scope.register(server.registerPlugin(), { prefix: path });
  });
}

/** The page asks another host for its fonts, and thereby tells it who looks at which queue. */
function withoutForeignHosts(reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return payload;
  return payload.replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g, '');
}

function adapted(queue: Queue): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: true,
    allowRetries: false,
    externalJobUrl: ({ data }) => ({ displayText: 'Work item', href: `/admin/jobs/${workIn(data)}` }),
  });
  // Whoever can write to Redis could put anything there; only the id of the work item is shown.
  adapter.setFormatter('data', (data: unknown) => ({ work: workIn(data) }));
  adapter.setFormatter('returnValue', () => null);
  return adapter;
}

function workIn(data: unknown): string {
  const work = typeof data === 'object' && data !== null && 'work' in data ? String(data.work) : '';
  return /^[A-Za-z0-9_.-]{1,120}$/.test(work) ? work : 'unknown';
}
