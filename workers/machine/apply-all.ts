/**
 * Many documents of one collection changed by one work item: read, judge, one conditional write for each, drain; those
 * that somebody else wrote to in between once more. `apply` is the case of one.
 */
import { LostRace } from '../../kernel/errors.ts';
import type { Change, Envelope } from '../../models/aggregate.ts';
import type { Stream } from '../../models/stream.ts';
import { conflicts } from '../../runtime/metrics.ts';
import type { Context } from './context.ts';
import { type Draining, drainAll } from './drain.ts';

/** What it comes to for one document: a change, and what is true once it is written; or an end without one. */
export type Verdict<D extends Envelope, E> =
  | { change: Change; ending: (written: D) => E | Promise<E> }
  | { ending: E; change?: never }
  /** Nothing is said of it. */
  | { ending?: never; change?: never };

export interface Applications<D extends Envelope, E, V extends Verdict<D, E> = Verdict<D, E>> {
  stream: Stream<D>;
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, D>>;
  judge: (id: string, read: D | undefined) => V | Promise<V>;
  /** What must be stored before anything is written. */
  prepare?: (changing: readonly V[]) => Promise<void>;
  /** What a fault of one document makes of it. Absent: it is thrown. */
  failed?: (error: Error) => E;
  draining: Draining;
}

const rereads = 5;

/** So many documents are read or written in one command: others get their turn in between. */
const atOnce = 50;

/** Resolves to what became of each, and to those whose document others kept writing first. */
export async function applyAll<D extends Envelope, E, V extends Verdict<D, E>>(
  ids: readonly string[],
  applications: Applications<D, E, V>,
  context: Context,
): Promise<{ endings: Map<string, E>; lost: readonly string[] }> {
  const endings = new Map<string, E>();
  let open = ids;
  for (let round = 1; open.length > 0 && round <= rereads; round += 1) {
    open = await applyRound(open, { ...applications, endings }, context);
    if (open.length > 0) conflicts.inc({ aggregate: applications.stream.name }, open.length);
  }
  return { endings, lost: open };
}

interface Step<D extends Envelope, V> {
  id: string;
  read: D | undefined;
  verdict: V;
}

/** Resolves to those whose document was written by somebody else in between. */
async function applyRound<D extends Envelope, E, V extends Verdict<D, E>>(
  ids: readonly string[],
  applications: Applications<D, E, V> & { endings: Map<string, E> },
  context: Context,
): Promise<string[]> {
  const { read, judge, prepare, endings } = applications;
  const steps: Step<D, V>[] = [];
  for (const some of slices(ids)) {
    const reads = await read(some);
    for (const id of some) {
      const verdict = await judge(id, reads.get(id));
      if (verdict.change) steps.push({ id, read: reads.get(id), verdict });
      else if (verdict.ending !== undefined) endings.set(id, verdict.ending as E);
    }
  }
  await prepare?.(steps.map(({ verdict }) => verdict));
  const lost: string[] = [];
  for (const some of slices(steps)) lost.push(...(await writeSome(some, applications, context)));
  return lost;
}

async function writeSome<D extends Envelope, E, V extends Verdict<D, E>>(
  steps: readonly Step<D, V>[],
  { stream, failed, draining, endings }: Applications<D, E, V> & { endings: Map<string, E> },
  context: Context,
): Promise<string[]> {
  const written = await writeAll(steps, stream);
  const won = written.filter((one): one is D => !(one instanceof Error));
  await drainAll(stream, won, context, draining);
  const lost: string[] = [];
  for (const [index, { id, verdict }] of steps.entries()) {
    const one = written[index];
    if (one instanceof LostRace) lost.push(id);
    else if (!(one instanceof Error)) endings.set(id, await (verdict.ending as (document: D) => E)(one as D));
    else if (failed) endings.set(id, failed(one));
    else throw one;
  }
  return lost;
}

async function writeAll<D extends Envelope, E, V extends Verdict<D, E>>(
  steps: readonly Step<D, V>[],
  stream: Stream<D>,
): Promise<(D | Error)[]> {
  const there = steps.flatMap(({ read, verdict: { change } }) => (read && change ? [{ read, change }] : []));
  const committed = (await stream.commitAll(there)).values();
  const written: (D | Error)[] = [];
  for (const { id, read, verdict } of steps) {
    if (read) written.push(committed.next().value as D | Error);
    else if (verdict.change) written.push(await createOne(id, verdict.change, stream));
  }
  return written;
}

async function createOne<D extends Envelope>(id: string, change: Change, stream: Stream<D>): Promise<D | Error> {
  const made = await stream.create(id, change);
  if (await stream.lineOf(made, change.entry.work)) return made;
  return new LostRace(`${id} was created by another work item meanwhile.`);
}

function slices<T>(all: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / atOnce) }, (_, n) => all.slice(n * atOnce, (n + 1) * atOnce));
}
