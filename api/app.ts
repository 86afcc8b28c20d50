/**
 * The API as a function of what it depends on: no I/O of its own, so that a test builds it without a port. Compilers are
 * set inside the scope of our own routes; third-party routes bring plain JSON schemas, which zod's would choke on.
 */
import { randomUUID } from 'node:crypto';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Refusal } from '../kernel/errors.ts';
import { authenticate } from './auth.ts';
import type { Dependencies, Ports, Route } from './context.ts';
import { parseJsonBodies } from './json-body.ts';
import { approvalPages } from './pages/approve.ts';
import { onboardingPages } from './pages/onboarding.ts';
import { requirePolicies } from './policy.ts';
import { answerErrors, sendProblem } from './problems.ts';
import { clearOrder } from './routes/clear-order.ts';
import { createOrder } from './routes/create-order.ts';
import { enqueue } from './routes/enqueue.ts';
import { healthRoutes } from './routes/health.ts';
import { issueLink } from './routes/issue-link.ts';
import { listOrders } from './routes/list-orders.ts';
import { moveStage } from './routes/move-stage.ts';
import { setOnboarding } from './routes/set-onboarding.ts';
import { setStatus } from './routes/set-status.ts';
import { setupProgress } from './routes/setup-progress.ts';
import { showJob } from './routes/show-job.ts';
import { showOrder } from './routes/show-order.ts';
import { updateOrder } from './routes/update-order.ts';
import { validatorCompiler } from './validate.ts';
import { createWaiter } from './waiter.ts';

const routes: Route[] = [
  healthRoutes,
  createOrder,
  listOrders,
  showOrder,
  updateOrder,
  setStatus,
  moveStage,
  setOnboarding,
  clearOrder,
  setupProgress,
  issueLink,
  enqueue,
  showJob,
  onboardingPages,
  approvalPages,
];

const bodyLimit = 256 * 1024;

export async function build(ports: Ports): Promise<FastifyInstance> {
  const waiter = createWaiter((ids) => ports.models.lookups.settledJobs(ids));
  const deps: Dependencies = { ...ports, waiter };
  const app = Fastify({
    logger: false,
    bodyLimit,
    requestTimeout: 30_000,
    genReqId: ({ headers }) => requestIdIn(headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  app.addHook('preClose', async () => waiter.close());
  requirePolicies(app);
  app.setErrorHandler(answerErrors(deps.log));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new Refusal('not_found', `There is no ${request.method} at this address.`)),
  );
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    await authenticate(request, request.routeOptions.config.policy ?? 'open', deps);
  });
  logRequests(app, deps);
  parseJsonBodies(app);
  await app.register(formbody, { bodyLimit });
  await app.register(async (scope) => {
    const api = scope.withTypeProvider<ZodTypeProvider>();
    api.setValidatorCompiler(validatorCompiler);
    api.setSerializerCompiler(serializerCompiler);
    for (const add of routes) add(api, deps);
  });
  return app;
}

/** The caller's own id for the request when it is harmless in a log, or a new one. */
function requestIdIn(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : randomUUID();
}

/** One line a request: the route's pattern, never the address, which may carry a token. */
function logRequests(app: FastifyInstance, { log }: Dependencies): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, id: requestId } = request;
    const route = request.routeOptions.url ?? 'none';
    const ms = Math.round(reply.elapsedTime);
    log.info({ requestId, method, route, status: reply.statusCode, ms, key: request.caller?.actor.id }, 'request');
  });
}
