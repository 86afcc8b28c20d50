/**
 * What a process counts, in Prometheus's words. Labels are names from our own lists (queues, kinds, outcomes, vendors):
 * never an order, an account or anything that a client wrote.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'orderworks_' });

const registers = [registry];

export const settled = new Counter({
  ...{ name: 'orderworks_work_settled_total', help: 'Items that ended, by how.', registers },
  labelNames: ['queue', 'kind', 'outcome'],
});

export const faults = new Counter({
  ...{
    name: 'orderworks_faults_total',
    help: 'Attempts that failed and are made again, or bury their item.',
    registers,
  },
  labelNames: ['queue', 'kind'],
});

export const conflicts = new Counter({
  ...{ name: 'orderworks_conflicts_total', help: 'Writes that found the document changed meanwhile.', registers },
  labelNames: ['aggregate'],
});

export const handling = new Histogram({
  ...{ name: 'orderworks_handling_seconds', help: 'From taking a job to settling its item.', registers },
  labelNames: ['queue'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

export const ticks = new Histogram({
  ...{ name: 'orderworks_tick_seconds', help: 'How long the dispatcher takes to look at everything once.', registers },
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

export const mails = new Counter({
  ...{ name: 'orderworks_mails_total', help: 'Tries to hand a mail over, by what came of it.', registers },
  labelNames: ['result'],
});

export const vendorCalls = new Counter({
  ...{ name: 'orderworks_outside_calls_total', help: 'Calls to vendors, by the kind of answer.', registers },
  labelNames: ['result'],
});

/** One number for each place where open work is. */
export interface OpenWork {
  queue: string;
  kind: string;
  phase: string;
  count: number;
  oldestSeconds: number;
}

/** Asked for at each scrape, by one kind of process alone: the answer is everybody's. */
export function watchOpenWork(count: () => Promise<OpenWork[]>): void {
  gauge('orderworks_open_work', 'Open items, by where they are.', ({ count: number }) => number);
  gauge('orderworks_oldest_open_seconds', 'Age of the oldest of them.', ({ oldestSeconds }) => oldestSeconds);

  function gauge(name: string, help: string, measure: (work: OpenWork) => number): void {
    new Gauge({
      ...{ name, help, registers, labelNames: ['queue', 'kind', 'phase'] },
      async collect() {
        const found = await count().catch(() => []);
        this.reset();
        for (const work of found) this.set({ queue: work.queue, kind: work.kind, phase: work.phase }, measure(work));
      },
    });
  }
}
