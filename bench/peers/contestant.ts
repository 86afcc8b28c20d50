/**
 * What is measured of a contestant, which is a process of its own: how fast its orders end, what CPU time it takes of
 * itself and of the servers, and how long one order takes alone. Servers are all other processes below our parent.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

export const stages = 6;
export const accounts = 40;
/** Of the orders alone, so many are run before any is measured. */
const warming = 10;

export interface Task {
  redisUrl: string;
  mongoUri: string;
  postgresUri: string | undefined;
  orders: number;
  /** How many orders are measured alone. */
  alone: number;
}

export interface Contestant {
  /** Puts orders numbered `from` to `to` where workers will find them. */
  put(from: number, to: number): Promise<void>;
  /** Starts the workers. */
  start(): Promise<void>;
  /** True when nothing is left to do: every order at its last stage, every effect consumed. */
  isOver(): Promise<boolean>;
  /** What is wrong with the orders from 0 to `count`: stage, lines of history. */
  faults(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

export interface Result {
  perSecond: number;
  clientMs: number;
  serverMs: number;
  p50: number;
  p95: number;
  faults: string[];
}

/** The effects that were consumed, each by order and stage; `at` resolves when an order's last one was. */
export interface Ledger {
  consume(order: number, stage: number): void;
  size(): number;
  isWhole(order: number): boolean;
  at(order: number): Promise<void>;
  doubled(): number;
}

function newLedger(): Ledger {
  const seen = new Map<number, Set<number>>();
  const waiting = new Map<number, () => void>();
  let size = 0;
  let doubled = 0;
  return {
    consume(order, stage) {
      const of = seen.get(order) ?? new Set<number>();
      seen.set(order, of);
      if (of.has(stage)) doubled += 1;
      else size += 1;
      of.add(stage);
      if (of.size === stages) waiting.get(order)?.();
    },
    size: () => size,
    isWhole: (order) => seen.get(order)?.size === stages,
    at: (order) =>
      seen.get(order)?.size === stages ? Promise.resolve() : new Promise((resolve) => waiting.set(order, resolve)),
    doubled: () => doubled,
  };
}

async function measure(contestant: Contestant, ledger: Ledger, { orders, alone }: Task): Promise<Result> {
  await contestant.put(0, orders);
  const before = { own: process.cpuUsage(), servers: await serverTicks() };
  const begun = performance.now();
  await contestant.start();
  while (ledger.size() < orders * stages || !(await contestant.isOver())) await wait(10);
  const seconds = (performance.now() - begun) / 1_000;
  const own = process.cpuUsage(before.own);
  const servers = (await serverTicks()) - before.servers;
  const faults = [...(await contestant.faults(orders)), ...faultsOf(ledger, orders)];
  const took = await oneByOne(contestant, ledger, { orders, alone });
  await contestant.stop();
  const transitions = orders * stages;
  return {
    perSecond: transitions / seconds,
    clientMs: (own.user + own.system) / 1_000 / transitions,
    serverMs: (servers * msOfTick) / transitions,
    p50: took[Math.floor(took.length * 0.5)] ?? 0,
    p95: took[Math.floor(took.length * 0.95)] ?? 0,
    faults,
  };
}

function faultsOf(ledger: Ledger, orders: number): string[] {
  const missing = Array.from({ length: orders }, (_, n) => n).filter((n) => !ledger.isWhole(n));
  return [
    ...(missing.length > 0 ? [`${missing.length} orders lack an effect`] : []),
    ...(ledger.doubled() > 0 ? [`${ledger.doubled()} effects were consumed twice`] : []),
  ];
}

/** From being asked for to the last effect's being consumed, in ms, sorted. */
async function oneByOne(contestant: Contestant, ledger: Ledger, { orders, alone }: Pick<Task, 'orders' | 'alone'>) {
  const took: number[] = [];
  for (let n = orders; n < orders + warming + alone; n += 1) {
    const begun = performance.now();
    await contestant.put(n, n + 1);
    await ledger.at(n);
    if (n >= orders + warming) took.push(performance.now() - begun);
  }
  return took.sort((a, b) => a - b);
}

/** Linux counts a process's time in hundredths of a second. */
const msOfTick = 10;

interface ProcessTime {
  pid: number;
  parent: number;
  ticks: number;
}

/** CPU time of everything below our parent but ourselves; 0 where there is no /proc. */
async function serverTicks(): Promise<number> {
  const all = await processTimes();
  const isServer = ({ pid, parent }: ProcessTime): boolean => {
    if (pid === process.pid) return false;
    if (parent === process.ppid) return true;
    const above = all.find((one) => one.pid === parent);
    return above !== undefined && isServer(above);
  };
  return all.filter(isServer).reduce((sum, { ticks }) => sum + ticks, 0);
}

async function processTimes(): Promise<ProcessTime[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const read = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [fields[11], fields[12], fields[13], fields[14]].reduce((sum, one) => sum + Number(one ?? 0), 0);
    return { pid: Number(pid), parent: Number(fields[1]), ticks };
  });
  return Promise.all(read);
}

/** The task that the harness gave to this process, and the answer to it. */
export async function answer(run: (task: Task, ledger: Ledger) => Promise<Contestant>): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '{}') as Task;
  const ledger = newLedger();
  const result = await measure(await run(task, ledger), ledger, task);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}
