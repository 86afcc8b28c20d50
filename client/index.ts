/**
 * Orderworks for other services: say what is to be done, and hear what became of it. Commands are checked here against
 * the contract that the workers hold; asking is safe to repeat, since every request carries a key of its own.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { newId } from '../kernel/ids.ts';
import { signCommand } from '../queues/intake.ts';
import { setup } from '../queues/setup.ts';
import { OrderworksProblem, problemIn } from './problem.ts';

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

export interface ClientOptions {
  url: string;
  key: string;
  /** How often a request is tried when the service cannot be reached or says 429 or 503. */
  attempts?: number;
}

/** For `create-order` an account, for every other command an order. */
export type Wish = { command: Command; reason?: string; version?: number; once?: string } & (
  | { account: string }
  | { order: string }
);

export type Client = ReturnType<typeof createClient>;

export function createClient({ url, key, attempts = 4 }: ClientOptions) {
  const base = url.replace(/\/$/, '');

  async function ask<T>(
    path: string,
    init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const { method = 'GET', body } = init;
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${key}`, ...type, ...init.headers };
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${base}${path}`, request).catch((error: Error) => error);
      const fault = answer instanceof Error ? answer : await problemIn(answer);
      if (!fault) return (await (answer as Response).json()) as T;
      if (attempt >= attempts || (fault instanceof OrderworksProblem && !fault.retryable)) throw fault;
      await pause(waitFor(answer, attempt));
    }
  }

  /** The job as it is now. */
  const get = (id: string): Promise<Job> => ask<Job>(`/v1/jobs/${encodeURIComponent(id)}`);

  return {
    get,

    /**
     * Has a command done. Resolves once it is kept, not once it is done. `once` makes the same wish from two processes,
     * or after a crash, the same job; without it a wish is its own.
     */
    async enqueue({ once = newId(), ...wish }: Wish): Promise<{ job: Job; order: { id: string } }> {
      const body = { ...wish, command: commandSchema.parse(wish.command) };
      return ask('/v1/jobs', { method: 'POST', body, headers: { 'idempotency-key': once } });
    },

    /** The job once it is settled, or as it is when the time is up. */
    async wait(id: string, { within = 30_000 } = {}): Promise<Job> {
      const deadline = performance.now() + within;
      for (;;) {
        const left = Math.max(0, deadline - performance.now());
        const seconds = Math.min(20, Math.ceil(left / 1_000));
        const job = await ask<Job>(`/v1/jobs/${encodeURIComponent(id)}`, { headers: { prefer: `wait=${seconds}` } });
        if (job.state !== 'open' || performance.now() >= deadline) return job;
      }
    },
  };
}

/** As long as the service says, else twice as long each time. */
function waitFor(answer: Response | Error, attempt: number): number {
  const said = answer instanceof Error ? Number.NaN : Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(said) ? Math.min(said, 60) * 1_000 : 200 * 2 ** attempt;
}
