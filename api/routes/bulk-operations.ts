/**
 * /v1/bulk-operations: many orders changed at once, in two steps. First a plan, which changes nothing and says what would
 * happen to every order; then the start of that very plan, by its hash. What has been done can be undone for a week.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import type { Scope } from '../../models/scope.ts';
import { requireRight } from '../../queues/command-rights.ts';
import { commandTypeOf, lasting } from '../../workflows/bulk/action.ts';
import * as rules from '../../workflows/bulk/operation.ts';
import { type Planning, planOperation } from '../commands/bulk-plan.ts';
import { findOperation, requireAlone, type Turning, turn } from '../commands/bulk-verbs.ts';
import { type Keyed, once } from '../commands/once.ts';
import type { Api, Dependencies, Exchange, Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { markReplayed } from '../http/idempotency.ts';
import { may } from '../http/policy.ts';
import { countsOf } from '../reads/bulk-counts.ts';
import { bodyOfCsv, mostBytes, resultCsv } from '../reads/bulk-csv.ts';
import { zoneOf } from '../reads/order-list.ts';
import { mostIds, operation, planBody, planQuery, startBody, verbBody, viewOfOperation } from '../schemas/bulk.ts';
import { filterOf } from '../schemas/order-query.ts';
import { commandHeaders, id, reason } from '../schemas/wire.ts';

const tags = ['Bulk operations'];
const params = z.strictObject({ id });
const headers = commandHeaders.omit({ prefer: true });
const one = { 200: operation };
const url = '/v1/bulk-operations';

export const bulkOperations: Route = (api, deps) => {
  // A scope of its own: only here a body may be CSV.
  void api.register(async (scope) => {
    scope.addContentTypeParser(
      'text/csv',
      { parseAs: 'buffer', bodyLimit: mostBytes },
      (request: FastifyRequest, body: Buffer) => bodyOfCsv(request, body),
    );
    planRoute(scope.withTypeProvider<ZodTypeProvider>(), deps);
  });
  readRoutes(api, deps);
  startRoute(api, deps);
  undoRoute(api, deps);
  verbRoutes(api, deps);
};

function planRoute(api: Api, deps: Dependencies): void {
  api.route({
    ...{ method: 'POST', url, bodyLimit: mostBytes },
    config: { ...may('create', 'bulk'), mostValues: 2 * mostIds },
    schema: {
      ...{
        tags,
        summary: 'Plan a bulk operation without changing anything',
        headers,
        body: planBody,
        querystring: planQuery,
      },
      description: 'Select the orders by a filter, by ids, or with a CSV body (`text/csv`) that has a column `order`.',
      response: { 202: operation },
    },
    async handler(request, reply) {
      const { action, reason: why, filter, ids = [] } = request.body;
      const { order_inactivity, ...rest } = filter ?? {};
      const asked = { ...rest, ...(order_inactivity !== undefined && { order_inactivity }) };
      const zone = await zoneOf(callerIn(request).scope, deps);
      const orders = filter
        ? { by: 'filter' as const, filter: filterOf(asked, deps.business.now(), zone) }
        : { by: 'ids' as const, ids };
      const command = commandTypeOf(action);
      const planning = { ...askedBy(request, request.body.agency), action, command, reason: why, orders };
      return answerPlanned({ request, reply }, planning, deps);
    },
  });
}

/** A key of the house says whose orders it means: an operation belongs to one agency. */
function askedBy(request: FastifyRequest, named: string | undefined): Pick<Planning, 'actor' | 'scope' | 'requestId'> {
  const { actor, scope } = callerIn(request);
  const agency = scope.agency ?? named;
  if (agency === undefined || (named !== undefined && agency !== named)) {
    const message =
      scope.agency === undefined
        ? 'Name the agency whose orders you mean.'
        : 'Remove it; it is always your own agency.';
    throw new Refusal('invalid_request', `/agency: ${message}`, [{ pointer: '/agency', rule: 'required', message }]);
  }
  return { actor, scope: { ...scope, agency }, requestId: request.id };
}

async function answerPlanned(
  { request, reply }: Exchange,
  planning: Omit<Planning, keyof Keyed>,
  deps: Dependencies,
): Promise<FastifyReply> {
  const { agency } = planning.scope;
  const make = (keyed: Keyed) => planOperation({ ...planning, ...keyed }, deps);
  const { made, replayed } = await once(request, { agency, make }, deps);
  markReplayed(reply, replayed);
  return reply
    .code(202)
    .header('location', `${url}/${made._id}`)
    .send(await shown(made, deps));
}

async function answerTurned({ request, reply }: Exchange, turning: Turning, deps: Dependencies): Promise<FastifyReply> {
  const { made, replayed } = await turn(request, turning, deps);
  markReplayed(reply, replayed);
  return reply.send(await shown(made, deps));
}

function readRoutes(api: Api, deps: Dependencies): void {
  const { models, secret } = deps;
  const query = z.strictObject({
    status: z.enum(rules.operationStatuses).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.string().max(600).optional(),
  });
  const page = z.object({ limit: z.int(), hasMore: z.boolean(), nextCursor: z.string().optional() });

  api.route({
    ...{ method: 'GET', url, config: may('read', 'bulk') },
    schema: {
      ...{ tags, summary: 'List bulk operations', querystring: query },
      response: { 200: z.object({ data: z.array(operation), page }) },
    },
    async handler(request) {
      const { status, limit, cursor } = request.query;
      const { scope } = callerIn(request);
      const list = { bulk: true, status, scope };
      const at = cursor === undefined ? undefined : openCursor(cursor, list, secret);
      const last = at && { _id: at.id, createdAt: at.value as Date };
      const found = await models.operations.list(scope, {
        ...(status && { status }),
        ...(last && { last }),
        limit: limit + 1,
      });
      const operations = found.slice(0, limit);
      const end = operations.at(-1);
      const hasMore = found.length > limit;
      const nextCursor = hasMore && end && sealCursor({ value: end.createdAt, id: end._id }, list, secret);
      const data = operations.map((read) => viewOfOperation(read, undefined, deps.business.now()));
      return { data, page: { limit, hasMore, ...(nextCursor && { nextCursor }) } };
    },
  });

  api.route({
    ...{ method: 'GET', url: `${url}/:id`, config: may('read', 'bulk') },
    schema: { tags, summary: 'Show a bulk operation, its plan and its progress', params, response: one },
    handler: async (request) => shown(await findOperation(request, request.params.id, deps), deps),
  });

  api.route({
    ...{ method: 'GET', url: `${url}/:id/result`, config: may('read', 'bulk') },
    schema: { ...{ tags, summary: 'Export the outcome for every order as CSV', params, produces: ['text/csv'] } },
    async handler(request, reply) {
      const { _id } = await findOperation(request, request.params.id, deps);
      reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${_id}.csv"`);
      return reply.send(resultCsv(models.bulkItems.all(_id)));
    },
  });
}

function startRoute(api: Api, deps: Dependencies): void {
  api.route({
    ...{ method: 'POST', url: `${url}/:id/start`, config: may('update', 'bulk') },
    schema: { ...{ tags, summary: 'Start a plan by its hash', params, headers, body: startBody, response: one } },
    async handler(request, reply) {
      const { hash, confirm } = request.body;
      const decide = async (read: Operation) => {
        requireOwn(request, read);
        const matchesNow = read.status === 'planned' ? await matches(read, deps) : undefined;
        const update = rules.start(read, { now: deps.business.now(), hash, confirm, matchesNow });
        await requireAlone(read, deps);
        return update;
      };
      return answerTurned({ request, reply }, { id: request.params.id, verb: 'start', decide }, deps);
    },
  });
}

/** Whoever turns an operation must be allowed what it does. */
function requireOwn(request: FastifyRequest, { command }: Operation): void {
  requireRight(callerIn(request).role, command);
}

async function matches(
  { selection, agency, accounts }: Operation,
  { models }: Dependencies,
): Promise<number | undefined> {
  if (selection.by !== 'filter') return undefined;
  const scope: Scope = { agency, ...(accounts && { accounts }) };
  return models.orderSearch.countAll(scope, selection.filter);
}

function undoRoute(api: Api, deps: Dependencies): void {
  api.route({
    ...{ method: 'POST', url: `${url}/:id/undo`, config: may('update', 'bulk') },
    schema: {
      ...{ tags, summary: 'Plan the undo of an operation that has ended', params, headers },
      ...{ body: z.strictObject({ reason }), response: { 202: operation } },
    },
    async handler(request, reply) {
      const read = await findOperation(request, request.params.id, deps);
      requireOwn(request, read);
      rules.requireUndoable(read, deps.business.now());
      if (!read.action || lasting(read.action).all) {
        const why = read.action
          ? lasting(read.action).what.join(' ')
          : 'An undo cannot be undone. Plan the change again.';
        throw new Refusal('not_undoable', why);
      }
      const { actor, requestId } = askedBy(request, read.agency);
      const scope = { agency: read.agency, ...(read.accounts && { accounts: read.accounts }) };
      const orders = { by: 'undo' as const, of: read._id };
      const asked = { actor, requestId, scope, command: read.command, reason: request.body.reason };
      return answerPlanned({ request, reply }, { ...asked, orders }, deps);
    },
  });
}

function verbRoutes(api: Api, deps: Dependencies): void {
  const now = () => deps.business.now();
  const verbs: Record<string, { summary: string; decide: Turning['decide'] }> = {
    pause: { summary: 'Pause; work in progress is finished', decide: (read) => rules.pause(read, now()) },
    resume: { summary: 'Resume', decide: (read) => rules.resume(read, now()) },
    cancel: { summary: 'Cancel; open items are closed', decide: (read) => rules.cancel(read, now()) },
    'retry-failed': {
      summary: 'Retry failed items and conflicts',
      async decide(read) {
        const update = rules.retryFailed(read, await countsOf(read, deps), now());
        await requireAlone(read, deps);
        return update;
      },
    },
  };
  for (const [verb, { summary, decide }] of Object.entries(verbs)) {
    api.route({
      ...{ method: 'POST', url: `${url}/:id/${verb}`, config: may('update', 'bulk') },
      schema: { tags, summary, params, headers, body: verbBody, response: one },
      async handler(request, reply) {
        const decided: Turning['decide'] = (read) => {
          requireOwn(request, read);
          return decide(read);
        };
        const turning = { id: request.params.id, verb, reason: request.body?.reason, decide: decided };
        return answerTurned({ request, reply }, turning, deps);
      },
    });
  }
}

async function shown(read: Operation, deps: Dependencies) {
  const counts = read.plan ? await countsOf(read, deps) : undefined;
  return viewOfOperation(read, counts, deps.business.now());
}
