/**
 * The adversary in Redis's place: it keeps jobs as BullMQ would, and may lose, repeat or delay any of them, answer
 * "failed" for what it took, and be emptied. Whatever it does, nothing may be lost and nothing done twice.
 */
import { jobId, parseJobId } from '../../kernel/ids.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Nudger } from '../../queues/nudger.ts';

export interface SimulatedJob {
  id: string;
  queue: string;
  name: string;
  data: { work: string };
  state: 'waiting' | 'active' | 'finished' | 'failed';
  attemptsMade: number;
  opts: { attempts: number };
  moveToDelayed: () => Promise<void>;
}

export interface QueueFaults {
  /** Chances per nudge: that the job never arrives, and that it arrives but the answer is lost. */
  lose: number;
  loseReply: number;
}

export function createSimulatedQueue(random: () => number, faults: QueueFaults) {
  const jobs = new Map<string, SimulatedJob>();
  const gone: SimulatedJob[] = [];
  const pulses = new Map<string, number>();
  let up = true;
  const mustBeUp = () => {
    if (!up) throw new Error('Redis is down');
  };

  const nudger: Nudger = {
    uncountStart: async () => undefined,
    tidy: async () => undefined,
    crowd: async () => [],
    currentTurn: async () => 0,
    putInTurns: async () => undefined,
    isUp: () => up,
    async nudge({ _id, queue, kind, generation }: WorkItem) {
      mustBeUp();
      const id = jobId(kind, _id, generation);
      if (random() < faults.lose) return;
      if (!jobs.has(id)) {
        const moveToDelayed = async () => undefined;
        jobs.set(id, {
          id,
          queue,
          name: kind,
          data: { work: _id },
          state: 'waiting',
          attemptsMade: 0,
          opts: { attempts: 5 },
          moveToDelayed,
        });
      }
      if (random() < faults.loseReply) throw new Error('the answer was lost');
    },
    async probe(items: WorkItem[]) {
      mustBeUp();
      return items.map(({ _id, kind, generation }) => {
        const job = jobs.get(jobId(kind, _id, generation));
        return job !== undefined && (job.state === 'waiting' || job.state === 'active');
      });
    },
    async abandoned(queue: string) {
      mustBeUp();
      return [...jobs.values()]
        .filter((job) => job.queue === queue && job.state === 'failed')
        .map((job) => ({
          queue,
          job: job.id,
          ...{ workId: undefined, generation: undefined },
          ...parseJobId(job.id),
          reason: 'stalled',
        }));
    },
    async forget({ job }) {
      jobs.delete(job);
    },
    pulse: async (name) => {
      mustBeUp();
      return pulses.get(name);
    },
    setPulse: async (name, value) => {
      mustBeUp();
      pulses.set(name, value);
    },
    close: async () => undefined,
  };

  return {
    nudger,
    /** A job to run: usually one that waits, sometimes one that runs or has run already. */
    take(repeat: number): SimulatedJob | undefined {
      const all = [...jobs.values()];
      const fresh = all.filter(({ state }) => state === 'waiting');
      const from = random() < repeat ? all.filter(({ state }) => state !== 'failed') : fresh;
      const job = from[Math.floor(random() * from.length)];
      if (job) job.state = 'active';
      return job;
    },
    /** Jobs whose worker died go back, as the stall check would do. */
    redeliver() {
      for (const job of jobs.values()) if (job.state === 'active') job.state = 'waiting';
    },
    /** Redis comes back older than it was: jobs that had gone are there, and stall once too often. */
    comeBack() {
      const newest = new Map<string, number>();
      const generationOf = ({ id }: SimulatedJob) => parseJobId(id)?.generation ?? 0;
      for (const job of jobs.values())
        newest.set(job.data.work, Math.max(newest.get(job.data.work) ?? 0, generationOf(job)));
      const old = gone.filter((job) => generationOf(job) < (newest.get(job.data.work) ?? 0));
      for (const job of old) jobs.set(job.id, { ...job, state: 'failed' });
    },
    empty() {
      gone.push(...jobs.values());
      jobs.clear();
      pulses.clear();
    },
    /** The same, as a torn file would leave it: some of what was there comes back, and so does an older pulse. */
    tear() {
      for (const [id, job] of jobs) {
        if (random() < 0.5) continue;
        gone.push(job);
        jobs.delete(id);
      }
      for (const [name, value] of pulses) pulses.set(name, Math.max(0, value - 3));
    },
    setUp(value: boolean) {
      up = value;
    },
    isIdle: () => [...jobs.values()].every(({ state }) => state === 'finished' || state === 'failed'),
  };
}
