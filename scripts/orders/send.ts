/**
 * The sending of a file: chunk by chunk, a few requests at a time. After each chunk the place is kept; whatever ends the
 * process, what was sent since is sent again and found to be there already.
 */
import { z } from 'zod';
import { type Client, OrderworksProblem } from '../../client/index.ts';
import type { FieldError } from '../../kernel/errors.ts';
import { hashedId, sha256 } from '../../kernel/ids.ts';
import { type Checkpoint, checkpointAt } from '../command-line/checkpoint.ts';
import { Failure } from '../command-line/exit.ts';
import { commandWith, onInterrupt } from '../command-line/interrupt.ts';
import { progress, say } from '../command-line/terminal.ts';
import { judge } from './judge.ts';
import type { FindAccount } from './known-accounts.ts';
import { fieldsOf, type Mapping } from './mapping.ts';
import type { Line } from './records.ts';
import { beginningOf } from './text.ts';
import { type Counts, countsSchema, noCounts, openRejects, tellerFor, type Verdict } from './verdict.ts';

export interface Sending {
  file: string;
  lines: AsyncIterable<Line>;
  mapping: Mapping;
  client: Client;
  find: FindAccount;
  total: number;
  options: {
    url: string;
    rejects?: string;
    checkpoint?: string;
    concurrency: string;
    resume?: boolean;
    fromStart?: boolean;
    json?: boolean;
    quiet?: boolean;
  };
}

export interface SendingEnd {
  counts: Counts;
  line: number;
  interrupted: boolean;
}

const placeSchema = z.strictObject({ of: z.string(), line: z.int(), rejectBytes: z.int(), counts: countsSchema });
type Place = z.infer<typeof placeSchema>;

const chunkSize = 50;

export async function sendAll(sending: Sending): Promise<SendingEnd> {
  const { file, options, total } = sending;
  const kept = checkpointAt(options.checkpoint ?? `${file}.checkpoint.json`, placeSchema);
  const at = await placeToBegin(kept, sending);
  const rejects = await openRejects(options.rejects ?? `${file}.rejects.csv`, at.rejectBytes);
  const tell = tellerFor(options.json === true);
  const interrupt = onInterrupt('Finishing the lines in progress.');
  const shown = progress({ label: 'lines', total, ...(options.quiet && { quiet: true }) });
  let isWhole = false;
  try {
    for await (const chunk of chunksAfter(at.line, sending.lines)) {
      for (const verdict of await sendChunk(chunk, sending)) {
        at.counts[verdict.verdict] += 1;
        if (verdict.verdict === 'rejected') await rejects.add(verdict.line, verdict.errors);
        await tell(verdict);
      }
      Object.assign(at, { line: chunk.at(-1)?.line ?? at.line, rejectBytes: rejects.bytes });
      await kept.write(at);
      shown.at(Object.values(at.counts).reduce((sum, count) => sum + count, 0));
      if (interrupt.asked) return { ...at, interrupted: true };
    }
    isWhole = true;
  } finally {
    shown.end();
    interrupt.dispose();
    await rejects.close();
    if (!isWhole && !interrupt.asked) say(`Stopped after line ${at.line}. To go on:\n  ${commandWith('--resume')}`);
  }
  await kept.clear();
  return { ...at, interrupted: false };
}

async function placeToBegin(kept: Checkpoint<Place>, { file, mapping, options }: Sending): Promise<Place> {
  const beginning = await beginningOf(file);
  const of = hashedId(sha256(beginning), JSON.stringify(mapping), options.url);
  const found = options.fromStart ? undefined : await kept.read();
  if (!found && options.resume) throw new Failure('notFound', `There is nothing to resume: no ${kept.path}.`);
  if (!found) return { of, line: 0, rejectBytes: 0, counts: noCounts() };
  if (found.of !== of) {
    const why = 'belongs to another file, mapping or address';
    throw new Failure('conflict', `${kept.path} ${why}. Use --from-start to start over. No order is created twice.`);
  }
  if (options.resume) return found;
  throw new Failure(
    'conflict',
    `An earlier run stopped after line ${found.line}. Use --resume to continue there, or --from-start to start over. No order is created twice.`,
  );
}

async function* chunksAfter(line: number, lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let chunk: Line[] = [];
  for await (const one of lines) {
    if (one.line <= line) continue;
    chunk.push(one);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** In the order of the lines. Where one meets an outage all are waited for before it is told. */
async function sendChunk(chunk: Line[], { mapping, client, find, options }: Sending): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = chunk.entries();
  const sender = async () => {
    for (const [index, line] of waiting) verdicts[index] = await sendLine(line, mapping, { client, find });
  };
  const ended = await Promise.allSettled(Array.from({ length: Number(options.concurrency) }, sender));
  const fault = ended.find((one) => one.status === 'rejected');
  if (fault) throw fault.reason;
  return verdicts;
}

async function sendLine(
  { line, record = {}, errors }: Line,
  mapping: Mapping,
  { client, find }: Pick<Sending, 'client' | 'find'>,
): Promise<Verdict> {
  if (errors) return { line, verdict: 'rejected', errors };
  const judged = await judge(fieldsOf(record, mapping), find);
  if (judged.errors) return { line, verdict: 'rejected', errors: judged.errors };
  try {
    const { job, order, replayed } = await client.enqueue(judged.wish);
    return { line, verdict: replayed ? 'known' : 'created', order: order.id, job: job.id };
  } catch (error) {
    return { line, verdict: 'rejected', errors: refusedBy(error) };
  }
}

/** What the service says of this line. What it says of all of them, or does not say at all, ends the run. */
function refusedBy(error: unknown): FieldError[] {
  const isOurs = error instanceof OrderworksProblem && !error.retryable && error.status !== 401 && error.status !== 403;
  if (!isOurs || error.status >= 500) throw error;
  if (error.errors.length > 0) return error.errors;
  const message =
    error.code === 'key_reused' ? 'This key was used before for a different order. Use another key.' : error.message;
  return [{ pointer: error.code === 'key_reused' ? '/key' : '', rule: error.code, message }];
}
