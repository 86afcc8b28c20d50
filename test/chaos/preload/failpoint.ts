/**
 * Lets a process meet its fate at one chosen call to the database. CHAOS_POINT names it (`orders.commit:before`),
 * CHAOS_NTH which of them, CHAOS_ACT what happens: `die`, `stop` (until somebody resumes it), `block` (the event loop
 * stands still for CHAOS_MS), `hang` (the call never answers). Commits that the fence turned away are told on stderr.
 */
import mongoose from 'mongoose';

const { CHAOS_POINT: point = '', CHAOS_NTH: nth = '1', CHAOS_ACT: act = 'die', CHAOS_MS: ms = '0' } = process.env;
const methods = ['insertOne', 'insertMany', 'bulkWrite', 'updateOne', 'updateMany', 'findOne', 'findOneAndUpdate'];
let seen = 0;

const prototype = mongoose.mongo.Collection.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const method of methods) {
  const real = prototype[method];
  if (!real) throw new Error(`The driver has no ${method}.`);
  prototype[method] = async function watched(this: { collectionName: string }, ...args: unknown[]) {
    const name = `${this.collectionName}.${nameOf(method, args)}`;
    await reach(`${name}:before`);
    const result = await real.apply(this, args);
    await reach(`${name}:after`);
    if (name.endsWith('.commit')) tellRejected(args, result as { matchedCount: number });
    return result;
  };
}

/** A bulk write of an aggregate is either the commit or the end of a drain. */
function nameOf(method: string, args: unknown[]): string {
  if (method !== 'bulkWrite') return method;
  const [first] = args[0] as { updateOne?: { filter: object } }[];
  const filter = first?.updateOne?.filter ?? {};
  if ('applied' in filter) return 'commit';
  return 'state' in filter ? 'settle' : 'finish';
}

async function reach(name: string): Promise<void> {
  if (name !== point) return;
  seen += 1;
  if (seen !== Number(nth)) return;
  process.stderr.write(`chaos: ${act} at ${name}\n`);
  if (act === 'die') process.kill(process.pid, 'SIGKILL');
  if (act === 'stop') process.kill(process.pid, 'SIGSTOP');
  if (act === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
  if (act === 'die' || act === 'hang') await new Promise(() => undefined);
  process.stderr.write(`chaos: past ${name}\n`);
}

function tellRejected(args: unknown[], { matchedCount }: { matchedCount: number }): void {
  const rejected = (args[0] as unknown[]).length - matchedCount;
  for (let n = 0; n < rejected; n += 1) process.stderr.write('chaos: stale write rejected\n');
}
