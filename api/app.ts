/**
 * The API as a function of what it depends on: no I/O of its own, so that a test builds it without a port. Compilers are
 * set inside the scope of our own routes; third-party routes bring plain JSON schemas, which zod's would choke on.
 */
import { randomUUID } from 'node:crypto';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Refusal } from '../kernel/errors.ts';
import { serveBoard } from './board.ts';
import type { Dependencies, Ports, Route } from './context.ts';
import { authenticate } from './http/auth.ts';
import { usualBody } from './http/body-limits.ts';
import { limitGuesses } from './http/guesses.ts';
import { limitRequests, usualLimits } from './http/limits.ts';
import { requirePolicies } from './http/policy.ts';
import { answerErrors, answerFrameworkErrors, answerUnreadable, refusalOf, sendProblem } from './http/problems.ts';
import { watchForProxies } from './http/proxy.ts';
import { parseJsonBodies, requireSoundRequests } from './http/sound-request.ts';
import { validatorCompiler } from './http/validate.ts';
import { createWaiter } from './http/waiter.ts';
import { describeRoutes, serveReference } from './reference.ts';
import { pages, routes } from './routes.ts';

export async function build(ports: Ports): Promise<FastifyInstance> {
  const waiter = createWaiter((ids) => ports.models.lookups.settledJobs(ids));
  const deps: Dependencies = { ...ports, waiter };
  const app = Fastify({
    logger: false,
    bodyLimit: usualBody,
    frameworkErrors: answerFrameworkErrors,
    clientErrorHandler: answerUnreadable,
    requestTimeout: 30_000,
    trustProxy: trusted(ports.trustProxy),
    genReqId: ({ headers }) => requestIdIn(headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  app.addHook('preClose', async () => waiter.close());
  app.decorate('knownRoutes', requirePolicies(app));
  app.setErrorHandler(answerErrors(deps.log));
  app.setNotFoundHandler((request, reply) => sendProblem(reply, whyNotFound(app, request, reply)));
  app.decorateRequest('caller', undefined);
  await protect(app, deps);
  logRequests(app, deps);
  parseJsonBodies(app);
  requireSoundRequests(app);
  await describeRoutes(app);
  await app.register(async (scope) => addRoutes(scope, routes, deps));
  await app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: usualBody });
    addRoutes(scope, pages, deps);
  });
  await serveReference(app);
  if (ports.board) await serveBoard(app, ports.board, deps.log);
  return app;
}

/** Fastify itself takes a number for "nobody": it cannot know that the process is reached through the proxies alone. */
function trusted(given: number | readonly string[] = []): FastifyServerOptions['trustProxy'] {
  if (typeof given === 'number') return (_address: string, hop: number) => hop < given;
  return given.length > 0 && [...given];
}

/** Nothing at the address at all, or nothing for the method: then Allow says what is. */
function whyNotFound(app: FastifyInstance, { method, url }: FastifyRequest, reply: FastifyReply): Refusal {
  const [path = ''] = url.split('?');
  const matches = (pattern: string) =>
    new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`).test(path);
  const offered = app.knownRoutes.filter((route) => matches(route.url)).map((route) => route.method);
  if (offered.length === 0) return new Refusal('not_found', `No route for ${method} at this address.`);
  reply.header('allow', offered.join(', '));
  return new Refusal('method_not_allowed', `${method} is not allowed here. Allowed: ${offered.join(', ')}.`);
}

function addRoutes(scope: FastifyInstance, added: Route[], deps: Dependencies): void {
  const api = scope.withTypeProvider<ZodTypeProvider>();
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  for (const add of added) add(api, deps);
}

/** Nothing is loaded from anywhere else; the queue board would ask for fonts. */
const ownHostOnly = {
  upgradeInsecureRequests: null,
  styleSrc: ["'self'", "'unsafe-inline'"],
  fontSrc: ["'self'", 'data:'],
};

/** Before any route: who asks how much, and whether they may. */
async function protect(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const limits = deps.limits ?? usualLimits;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (/^\/(v1|admin|metrics)\b/.test(request.url)) reply.header('cache-control', 'no-store');
  });
  await app.register(helmet, { contentSecurityPolicy: { directives: ownHostOnly } });
  watchForProxies(app, deps.trustProxy, deps.log);
  await limitGuesses(app, limits, deps.counts);
  app.addHook('onRequest', async (request, reply) => {
    await authenticate({ request, reply }, request.routeOptions.config, deps).catch((error) => {
      // Answered here, because a plugin's scope may have an error handler of its own.
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return sendProblem(reply, refusal);
    });
  });
  await limitRequests(app, limits);
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
