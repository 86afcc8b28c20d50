/**
 * /v1/admin/dead-letters: what nobody could carry out, by cause; to be tried again, with other data if need be, or given
 * up with a reason. What is asked twice is done once.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { kindOf } from '../../queues/contract.ts';
import { contractOf } from '../../queues/index.ts';
import { type Replayable, sortOut } from '../../queues/replays.ts';
import type { Dependencies, Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { id, iso, reason, time } from '../schemas/wire.ts';

const atOnce = 1_000;

const fingerprint = z.string().regex(/^[0-9a-f]{16}$/, 'Use the 16-character fingerprint of a cause.');
const group = z.object({
  ...{ fingerprint, message: z.string(), queue: z.string(), kind: z.string(), count: z.int(), first: time, last: time },
  held: z.int().describe('How many orders are held up by these.'),
  orders: z.array(z.string()).describe('The first of these orders.'),
});
const letter = z.object({
  ...{ id: z.string(), queue: z.string(), kind: z.string(), order: z.string().optional(), account: z.string() },
  ...{ payload: z.record(z.string(), z.unknown()), message: z.string(), at: time },
});
const asked = z.strictObject({
  fingerprint: fingerprint.optional(),
  ids: z.array(id).min(1).max(200).optional(),
  reason,
});
const result = z.object({
  changed: z.int().describe('How many were still dead letters.'),
  finished: z.array(z.string()).optional().describe('Already done before; not repeated.'),
  unknown: z.array(z.string()).optional().describe('May already have been done; a person must check first.'),
});
type Asked = z.infer<typeof asked>;

const tags = ['Dead letters'];

export const deadLetterRoutes: Route = (api, deps) => {
  showing(api, deps);
  intervening(api, deps);
};

const showing: Route = (api, { models: { deadLetters } }) => {
  api.route({
    ...{ method: 'GET', url: '/v1/admin/dead-letters', config: may('read', 'queue') },
    schema: { tags, summary: 'List dead letters by cause', response: { 200: z.object({ data: z.array(group) }) } },
    async handler(request) {
      const groups = await deadLetters.groups(callerIn(request).scope, 200);
      return { data: groups.map((one) => ({ ...one, first: iso(one.first), last: iso(one.last) })) };
    },
  });

  api.route({
    ...{ method: 'GET', url: '/v1/admin/dead-letters/:fingerprint', config: may('manage', 'queue') },
    schema: {
      ...{ tags, summary: 'Show the dead letters of one cause', params: z.strictObject({ fingerprint }) },
      response: { 200: z.object({ data: z.array(letter) }) },
    },
    async handler(request) {
      const found = await deadLetters.of(callerIn(request).scope, request.params.fingerprint, 200);
      return { data: found.map(viewOf) };
    },
  });
};

const intervening: Route = (api, deps) => {
  const { deadLetters } = deps.models;

  for (const action of ['replay', 'discard'] as const) {
    api.route({
      ...{ method: 'POST', url: `/v1/admin/dead-letters/${action}`, config: may('manage', 'queue') },
      schema: {
        ...{ tags, summary: action === 'replay' ? 'Retry dead letters' : 'Discard dead letters' },
        ...{ body: asked, response: { 200: result } },
      },
      async handler(request) {
        const { actor, scope } = callerIn(request);
        const found = await named(request.body, scope, deps);
        const intervention = { action, actor, reason: request.body.reason, at: deps.clock.now() };
        if (action === 'discard') return { changed: await deadLetters.intervene(found, intervention) };
        const { again, finished, unknown } = await sortOut(found, deps.models);
        const changed = await deadLetters.intervene(again, intervention);
        return { changed, ...idsOf({ finished, unknown }) };
      },
    });
  }

  api.route({
    ...{ method: 'POST', url: '/v1/admin/dead-letters/items/:item/replay', config: may('manage', 'queue') },
    schema: {
      ...{ tags, summary: 'Retry a dead letter with different data', params: z.strictObject({ item: id }) },
      ...{ body: z.strictObject({ payload: z.record(z.string(), z.unknown()), reason }), response: { 200: result } },
    },
    async handler(request) {
      const { actor, scope } = callerIn(request);
      const { payload, reason: why } = request.body;
      const item = await deadLetters.get(scope, request.params.item);
      if (!item) throw new Refusal('job_not_found', 'Dead letter not found.');
      mustFit(item, payload);
      mustBeRepeatable(await sortOut([item], deps.models));
      const intervention = { action: 'replay' as const, actor, reason: why, at: deps.clock.now() };
      return { changed: await deadLetters.intervene([item], intervention, payload) };
    },
  });
};

async function named({ fingerprint: cause, ids }: Asked, scope: object, { models }: Dependencies): Promise<WorkItem[]> {
  if ((cause === undefined) === (ids === undefined)) {
    throw new Refusal('invalid_request', 'Send either a fingerprint or ids.');
  }
  if (cause !== undefined) return models.deadLetters.of(scope, cause, atOnce);
  const found = await Promise.all((ids ?? []).map((one) => models.deadLetters.get(scope, one)));
  return found.filter((item) => item !== null);
}

function idsOf(kept: Pick<Replayable, 'finished' | 'unknown'>): { finished?: string[]; unknown?: string[] } {
  const named = Object.entries(kept).filter(([, items]) => items.length > 0);
  return Object.fromEntries(named.map(([name, items]) => [name, items.map(({ _id }) => _id)]));
}

function mustBeRepeatable({ finished, unknown }: Replayable): void {
  if (finished.length > 0) throw new Refusal('nothing_changed', 'It was already done, and is not repeated.');
  if (unknown.length > 0) throw new Refusal('outcome_unknown', 'It is unknown whether it was done. Find out first.');
}

/** What would die again at once is not taken. */
function mustFit({ queue, kind }: WorkItem, payload: Record<string, unknown>): void {
  const contract = contractOf(queue);
  const known = kindOf(contract, kind);
  const parsed = known === undefined ? undefined : contract.jobs[known]?.safeParse(payload);
  if (!parsed) throw new Refusal('invalid_request', `The queue ${queue} has no kind "${kind}"; it is not repeated.`);
  if (parsed.success) return;
  const errors = parsed.error.issues.map(({ path, code, message }) => ({
    pointer: `/payload/${path.join('/')}`,
    rule: code,
    message,
  }));
  throw new Refusal('invalid_request', `This is not a valid ${kind} of the queue ${queue}.`, errors);
}

function viewOf({ _id, queue, kind, order, account, payload, failure, settledAt, createdAt }: WorkItem) {
  const at = iso(settledAt ?? createdAt);
  return { id: _id, queue, kind, ...(order && { order }), account, payload, message: failure?.message ?? '', at };
}
