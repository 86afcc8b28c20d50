/**
 * `npm run bench -- peers`: the same work done by this product, by bare BullMQ jobs and by what else promises durable
 * work, in one run and in turns: orders × 6 stages, each a conditional write with its line of history and one effect. Every order
 * is verified. The others are installed into bench/peers when this runs for the first time.
 *
 * `--orders N` (1,000), `--rounds N` (2), `--alone N` (50), `--only product,bare`, `--beside DIR` (another working copy of
 * this product, as `beside`), `--json`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findDatabase } from '../scripts/servers/database.ts';
import { startRedis } from '../scripts/servers/redis.ts';
import { type Cluster, startCluster } from './peers/cluster.ts';
import type { Result, Task } from './peers/contestant.ts';

const folder = join(import.meta.dirname, 'peers');
/** A contestant that takes longer than this is stuck. */
const patience = 300_000;
const onPostgres = ['graphile', 'pgboss', 'dbos'];
const names = ['product', 'bare', ...onPostgres];

const options = {
  orders: { type: 'string', default: '1000' },
  rounds: { type: 'string', default: '2' },
  alone: { type: 'string', default: '50' },
  only: { type: 'string', default: names.join() },
  beside: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Size = Pick<Task, 'orders' | 'alone'>;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options });
  const dir = await mkdtemp(join(tmpdir(), 'orderworks-peers-'));
  const wanted = [...values.only.split(','), ...(values.beside === undefined ? [] : ['beside'])];
  const cluster = await postgresFor(wanted, dir);
  const present = wanted.filter((name) => cluster !== undefined || !onPostgres.includes(name));
  const results = new Map<string, Result[]>(present.map((name) => [name, []]));
  const size = { orders: Number(values.orders), alone: Number(values.alone) };
  try {
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      for (const name of present) {
        const file = fileOf(name, values.beside);
        const result = await inTurn({ name, round, file, size }, dir, cluster);
        results.get(name)?.push(result);
        process.stderr.write(`round ${round}, ${name}: ${inWords(result)}\n`);
      }
    }
  } finally {
    await cluster?.stop();
    await rm(dir, { recursive: true, force: true });
  }
  report(results, values.json);
}

function fileOf(name: string, beside: string | undefined): string {
  if (name === 'beside') return join(beside ?? '', 'bench/peers/product.ts');
  return join(folder, onPostgres.includes(name) ? `${name}.mjs` : `${name}.ts`);
}

async function postgresFor(wanted: string[], dir: string): Promise<Cluster | undefined> {
  if (!wanted.some((name) => onPostgres.includes(name))) return undefined;
  const installed = await access(join(folder, 'node_modules')).then(
    () => true,
    () => false,
  );
  if (!installed) await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  const cluster = await startCluster(dir);
  if (!cluster) process.stderr.write('There is no PostgreSQL here: graphile-worker, pg-boss and DBOS are left out.\n');
  return cluster;
}

interface Turn {
  name: string;
  round: number;
  file: string;
  size: Size;
}

/** Each with servers of its own, so that nobody pays for what another left behind. */
async function inTurn({ name, round, file, size }: Turn, dir: string, cluster: Cluster | undefined): Promise<Result> {
  const place = await mkdtemp(join(dir, `${name}-`));
  if (onPostgres.includes(name)) {
    const postgresUri = await cluster?.fresh(`${name}_${round}`);
    return compete(file, { ...size, redisUrl: '', mongoUri: '', postgresUri });
  }
  const redis = await startRedis({ dir: place });
  const database = await findDatabase({ dir: join(place, 'database') });
  const mongo = new URL(database.uri);
  mongo.pathname = `/${name}_${round}`;
  try {
    return await compete(file, { ...size, redisUrl: redis.url, mongoUri: mongo.href, postgresUri: undefined });
  } finally {
    await Promise.all([redis.stop(), database.stop()]);
  }
}

async function compete(file: string, task: Task): Promise<Result> {
  const args = ['--import', 'tsx', file, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: patience });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const [code] = await once(child, 'exit');
  const line = said.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || !line.startsWith('{')) throw new Error(`${file} ended with ${code}: ${said.slice(-500)}`);
  return JSON.parse(line) as Result;
}

function inWords({ perSecond, clientMs, serverMs, p50, p95, faults }: Result): string {
  const wrong = faults.length > 0 ? `; WRONG: ${faults.join('; ')}` : '';
  const cpu = `${clientMs.toFixed(2)} ms CPU itself, ${serverMs.toFixed(2)} ms servers`;
  return `${Math.round(perSecond)} transitions/s, ${cpu}, one order ${p50.toFixed(1)} ms (p95 ${p95.toFixed(1)})${wrong}`;
}

function report(results: Map<string, Result[]>, json: boolean): void {
  const means = new Map([...results].map(([name, rounds]) => [name, mean(rounds)]));
  const rate = (name: string) => means.get(name)?.perSecond ?? 0;
  const ratio = (of: number) => (of > 0 ? round(rate('product') / of) : null);
  const product = means.get('product');
  const figures = {
    ...Object.fromEntries([...means].map(([name, { perSecond }]) => [name, Math.round(perSecond)])),
    ratioToBare: ratio(rate('bare')),
    ratioToBestDurable: ratio(Math.max(...onPostgres.map(rate))),
    clientMs: round(product?.clientMs ?? 0),
    serverMs: round(product?.serverMs ?? 0),
    p50OneOrderMs: round(product?.p50 ?? 0),
    p95OneOrderMs: round(product?.p95 ?? 0),
    verified: [...means.values()].every(({ faults }) => faults.length === 0),
    contestants: Object.fromEntries(means),
  };
  if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else process.stdout.write(`${[...means].map(([name, one]) => `${name}: ${inWords(one)}`).join('\n')}\n`);
  if (!figures.verified) process.exitCode = 1;
}

function mean(rounds: Result[]): Result {
  const of = (field: Exclude<keyof Result, 'faults'>) =>
    rounds.reduce((sum, one) => sum + one[field], 0) / rounds.length;
  return {
    ...{ perSecond: of('perSecond'), clientMs: round(of('clientMs')), serverMs: round(of('serverMs')) },
    ...{ p50: round(of('p50')), p95: round(of('p95')), faults: rounds.flatMap(({ faults }) => faults) },
  };
}

const round = (n: number): number => Number(n.toFixed(3));
