/** The verbs of a bulk operation: each is one conditional write, asked of the rule; asked twice under a key, it is done once. */
import type { FastifyRequest } from 'fastify';
import type { Cause } from '../../kernel/actor.ts';
import { LostRace, Refusal } from '../../kernel/errors.ts';
import type { EffectDraft } from '../../kernel/work.ts';
import type { Operation } from '../../models/bulk-operation.ts';
import { isDuplicate } from '../../models/duplicates.ts';
import { chunkDraft, closeDraft, lanes } from '../../queues/bulk.ts';
import type { Update } from '../../workflows/bulk/operation.ts';
import type { Dependencies } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { type Once, once } from './once.ts';

export interface Turning {
  id: string;
  verb: string;
  reason?: string | undefined;
  decide: (operation: Operation) => Update | Promise<Update>;
}

const rereads = 5;

export async function findOperation(request: FastifyRequest, id: string, { models }: Dependencies): Promise<Operation> {
  const found = await models.operations.find(callerIn(request).scope, id);
  if (!found) throw new Refusal('operation_not_found', 'Bulk operation not found.');
  return found;
}

/** Throws `key_reused` when the key belongs to another request, to this operation or to anything else. */
export async function turn(request: FastifyRequest, turning: Turning, deps: Dependencies): Promise<Once<Operation>> {
  const { agency } = await findOperation(request, turning.id, deps);
  return once(request, { agency, make: ({ work }) => turnOnce(request, { ...turning, work }, deps) }, deps);
}

async function turnOnce(
  request: FastifyRequest,
  turning: Turning & { work: string },
  deps: Dependencies,
): Promise<Operation> {
  const { work, verb } = turning;
  const { actor } = callerIn(request);
  for (let read = 1; ; read += 1) {
    const operation = await findOperation(request, turning.id, deps);
    const line = await deps.models.operations.lineOf(operation, work);
    if (line?.action === actionOf(verb)) return operation;
    if (line) throw new Refusal('key_reused', 'This Idempotency-Key was already used for a different request.');
    const set = await turning.decide(operation);
    try {
      return await write(operation, { ...turning, set, actor, requestId: request.id }, deps);
    } catch (error) {
      if (isDuplicate(error)) throw await otherRunning(operation, deps);
      if (!(error instanceof LostRace) || read === rereads) throw error;
    }
  }
}

const actionOf = (verb: string): string => `${verb}-operation`;

type Written = Omit<Turning, 'decide'> & {
  set: Update;
  work: string;
  actor: Operation['actor'];
  requestId: string;
};

function write(operation: Operation, written: Written, { models, business, clock }: Dependencies): Promise<Operation> {
  const { set, work, actor, verb, reason } = written;
  const entry = {
    ...{
      at: business.now(),
      work,
      actor,
      cause: 'api' as Cause,
      action: actionOf(verb),
      outcome: 'done' as const,
    },
    ...(reason !== undefined && { reason }),
    events: [{ type: 'operation-turned', from: operation.status, to: set.status ?? operation.status }],
  };
  return models.operations.commit(operation, { entry, effects: effectsOf(operation, set), set, dueAt: clock.now() });
}

/** Running begins in every lane; cancelling, at the first page. */
function effectsOf(operation: Operation, { status, epoch = operation.epoch }: Update): EffectDraft[] {
  if (status === 'cancelling') return [closeDraft(operation, 0)];
  if (status !== 'running') return [];
  const pages = Math.min(lanes, operation.plan?.pages ?? 0);
  return Array.from({ length: pages }, (_, page) => chunkDraft(operation, page, epoch));
}

/** Asked beforehand, for a clear answer; what decides is the unique index. */
export async function requireAlone({ _id, agency }: Operation, { models }: Dependencies): Promise<void> {
  const other = await models.operations.activeOf(agency);
  if (other && other._id !== _id) throw running(other);
}

async function otherRunning({ agency }: Operation, { models }: Dependencies): Promise<Refusal> {
  return running((await models.operations.activeOf(agency)) ?? undefined);
}

const running = (other?: Operation): Refusal =>
  new Refusal('operation_running', `Operation ${other?._id ?? 'of the agency'} is ${other?.status ?? 'running'}.`);
