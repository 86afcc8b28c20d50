/**
 * What a worker is (a contract and one handler per kind) and how one job of it runs: read the item, parse, handle,
 * settle. Handlers return an outcome or throw; a Refusal settles the item, NotYet puts it off, anything else is retried
 * and in the end buries the item under its cause.
 */
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { settleWithin } from '../../kernel/deadline.ts';
import { NotYet, Refusal } from '../../kernel/errors.ts';
import { generationIn } from '../../kernel/ids.ts';
import { after, seconds } from '../../kernel/time.ts';
import { failureOf, lease, type Outcome, type WorkItem } from '../../kernel/work.ts';
import { isOutage } from '../../models/outage.ts';
import { kindOf, type Payload, type QueueContract, versionOf } from '../../queues/contract.ts';
import { faults, handling, settled } from '../../runtime/metrics.ts';
import type { Context } from './context.ts';

export type Handler<P> = (payload: P, item: WorkItem, context: Context, signal: AbortSignal) => Promise<Outcome>;

export interface WorkerDefinition<Q extends QueueContract = QueueContract> {
  queue: Q;
  concurrency: number;
  handlers: { [Kind in keyof Q['jobs'] & string]: Handler<Payload<Q, Kind>> };
  /** Of a queue whose jobs come from outside and carry their data themselves, in place of handlers. */
  take?: (data: unknown, context: Context) => Promise<void>;
}

const outageDelay = seconds(2);

/** What no further attempt can change: the item is a dead letter at once, until somebody mends it. */
class Unreadable extends Error {
  override name = 'Unreadable';
}

export const done: Outcome = { status: 'done' };

export function defineWorker<Q extends QueueContract>(definition: WorkerDefinition<Q>): WorkerDefinition {
  return definition as unknown as WorkerDefinition;
}

/**
 * Takes in one job from outside. Nothing else remembers it: while the database is away it waits here, however often; after
 * any other fault it is tried again a few times, and then recorded as a dead letter with what it said (tick.ts).
 */
async function takeIn(
  take: NonNullable<WorkerDefinition['take']>,
  job: Job,
  context: Context,
  token?: string,
): Promise<void> {
  try {
    await take(job.data, context);
  } catch (error) {
    context.log.warn({ job: job.id, error: error instanceof Error ? error.message : String(error) }, 'fault');
    if (isOutage(error)) await putOff({ job, item: null, context, token }, outageDelay);
    throw error;
  }
}

/** Runs one job. A job whose item is settled, not due, of a newer generation or of a newer schema is let go. */
export async function perform(worker: WorkerDefinition, job: Job, context: Context, token?: string): Promise<void> {
  if (worker.take) return takeIn(worker.take, job, context, token);
  const { work } = context.models;
  let item: WorkItem | null = null;
  try {
    item = await work.get(idIn(job));
    if (!item || !isMine(item, job, worker.queue, context)) return;
    const timed = handling.startTimer({ queue: worker.queue.name });
    const outcome = await handle(worker, item, context);
    await work.settle(item._id, outcome, context.clock.now());
    tell(item, outcome, timed(), context);
  } catch (error) {
    await putOffOrGiveUp(error, { job, item, context, token });
  }
}

function tell(
  { _id, order, requestId, queue, kind }: WorkItem,
  { status, code }: Outcome,
  took: number,
  { log }: Context,
) {
  settled.inc({ queue, kind, outcome: status });
  log.info({ work: _id, order, requestId, kind, outcome: status, code, ms: Math.round(took * 1_000) }, 'settled');
}

/** Anybody who reaches Redis can write a job: what cannot be an id of ours is not looked for. */
function idIn({ data }: Job): string {
  const id: unknown = data?.work;
  return typeof id === 'string' && id.length <= 200 ? id : '';
}

function isMine(item: WorkItem, job: Job, queue: QueueContract, { business }: Context): boolean {
  const generation = generationIn(String(job.id));
  const schema = versionOf(queue, item.kind);
  return (
    item.state === 'open' && item.generation === generation && item.runAt <= business.now() && item.schema <= schema
  );
}

/** While the handler runs its lease is moved on, and never past the handler's timeout. */
async function handle({ queue, handlers }: WorkerDefinition, item: WorkItem, context: Context): Promise<Outcome> {
  const kind = kindOf(queue, item.kind) ?? '';
  const schema = queue.jobs[kind];
  const handler = handlers[kind];
  if (!schema || !handler) throw new Unreadable(`The ${queue.name} worker knows no kind "${item.kind}".`);
  const { data: payload, error: wrong } = schema.safeParse(item.payload);
  if (wrong) throw new Unreadable(wrong.message);
  const renewal = setInterval(() => {
    context.models.work.extend(item, context.clock.now()).catch(() => undefined);
  }, lease / 2).unref();
  try {
    return await settleWithin(queue.timeout, (signal) => handler(payload as never, item, context, signal));
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

/** A refusal as an outcome. */
export function refused({ code, message, errors }: Refusal): Outcome {
  return {
    status: code === 'superseded' ? 'superseded' : 'refused',
    code,
    message,
    ...(errors.length > 0 && { errors }),
  };
}

interface Attempt {
  job: Job;
  item: WorkItem | null;
  context: Context;
  token: string | undefined;
}

/** A database that cannot be reached is nobody's failed attempt. */
async function putOffOrGiveUp(error: unknown, attempt: Attempt): Promise<void> {
  if (error instanceof NotYet) return error.delay > lease ? wait(attempt, error.delay) : putOff(attempt, error.delay);
  if (isOutage(error)) return putOff(attempt, outageDelay);
  throw await given(error, attempt);
}

/** Longer than a lease is no matter for BullMQ: the item waits in the database, and this job is done. */
async function wait({ item, context }: Attempt, delay: number): Promise<void> {
  if (item) await context.models.work.putOff(item, after(context.business.now(), delay));
}

async function putOff({ job, context, token }: Attempt, delay: number): Promise<never> {
  await context.nudger.uncountStart(job.queueName, String(job.id)).catch(() => undefined);
  await job.moveToDelayed(context.clock.now().getTime() + delay, token);
  throw new DelayedError();
}

/** What BullMQ is told: try again, or that the item is buried. */
async function given(error: unknown, { job, item, context }: Attempt): Promise<unknown> {
  const failure = failureOf(job.name, error, context.clock.now());
  context.log.warn(
    {
      work: item?._id,
      order: item?.order,
      requestId: item?.requestId,
      attempt: job.attemptsMade + 1,
      cause: failure.message,
    },
    'fault',
  );
  if (item) faults.inc({ queue: item.queue, kind: item.kind });
  const isLast = error instanceof Unreadable || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
  if (!item || !isLast) return error;
  await context.models.work.bury(item, failure);
  return new UnrecoverableError(failure.message);
}
