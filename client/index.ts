/**
 * Orderworks for other services: say what is to be done, and hear what became of it. Commands are checked here against
 * the contract that the workers hold; asking is safe to repeat, since every request carries a key of its own.
 */
import type { z } from 'zod';
import { newId } from '../kernel/ids.ts';
import { signCommand } from '../queues/intake.ts';
import { setup } from '../queues/setup.ts';
import { type AskOptions, createAsk } from './ask.ts';
import { OrderworksProblem } from './problem.ts';

export { OrderworksProblem, signCommand };

const commandSchema = setup.jobs.command.shape.command;

export type Command = z.input<typeof commandSchema>;

export interface Job {
  id: string;
  kind: string;
  state: 'open' | 'done' | 'refused' | 'superseded' | 'dead' | 'discarded';
  order?: string;
  outcome?: { status: string; code?: string; message?: string; result?: Record<string, string | number> };
}

export type ClientOptions = AskOptions;

/** For `create-order` an account, for every other command an order. */
export type Wish = { command: Command; reason?: string; version?: number; once?: string } & (
  | { account: string }
  | { order: string }
);

export interface Enqueued {
  job: Job;
  order: { id: string };
  replayed: boolean;
}

export type Client = ReturnType<typeof createClient>;

export function createClient(options: ClientOptions) {
  const ask = createAsk(options);

  /** The job as it is now. */
  const get = async (id: string): Promise<Job> => (await ask<Job>(`/v1/jobs/${encodeURIComponent(id)}`)).body;

  return {
    get,

    /**
     * Has a command done. Resolves once it is kept, not once it is done. `once` makes the same wish from two processes,
     * or after a crash, the same job, and `replayed` tells that it had been asked before; without it a wish is its own.
     */
    async enqueue({ once = newId(), ...wish }: Wish): Promise<Enqueued> {
      const body = { ...wish, command: commandSchema.parse(wish.command) };
      const request = { method: 'POST', body, headers: { 'idempotency-key': once } };
      const answer = await ask<Omit<Enqueued, 'replayed'>>('/v1/jobs', request);
      return { ...answer.body, replayed: answer.headers.has('idempotency-replayed') };
    },

    /** The job once it is settled, or as it is when the time is up. */
    async wait(id: string, { within = 30_000 } = {}): Promise<Job> {
      const deadline = performance.now() + within;
      for (;;) {
        const left = Math.max(0, deadline - performance.now());
        const seconds = Math.min(20, Math.ceil(left / 1_000));
        const waiting = { headers: { prefer: `wait=${seconds}` } };
        const { body: job } = await ask<Job>(`/v1/jobs/${encodeURIComponent(id)}`, waiting);
        if (job.state !== 'open' || performance.now() >= deadline) return job;
      }
    },
  };
}
