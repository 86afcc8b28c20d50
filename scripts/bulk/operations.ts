/** The bulk operations of the HTTP API, as a script speaks of them: plan, start by hash, turn, watch. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationView } from '../../api/schemas/bulk.ts';
import { type Ask, createAsk } from '../../client/ask.ts';
import { newId } from '../../kernel/ids.ts';
import { type ServiceOptions, serviceOf } from '../command-line/api.ts';
import { Failure } from '../command-line/exit.ts';
import { say } from '../command-line/terminal.ts';

const url = '/v1/bulk-operations';
const pauseMs = 500;
/** Looks before it is asked whether anybody works on it. */
const patience = 30;

export type Verb = 'pause' | 'resume' | 'cancel' | 'retry-failed';

export type Operations = ReturnType<typeof operationsOf>;

export async function openOperations(options: ServiceOptions): Promise<{ ask: Ask; operations: Operations }> {
  const ask = createAsk({ ...(await serviceOf(options)), attempts: 6 });
  return { ask, operations: operationsOf(ask) };
}

function operationsOf(ask: Ask) {
  const path = (id: string, verb: string) => `${url}/${encodeURIComponent(id)}/${verb}`;
  const post = async (to: string, body: object) => {
    // One key for all attempts: an answer that got lost does not make a second plan.
    const headers = { 'idempotency-key': newId() };
    return (await ask<OperationView>(to, { method: 'POST', body, headers })).body;
  };
  const get = async (id: string) => (await ask<OperationView>(`${url}/${encodeURIComponent(id)}`)).body;

  return {
    get,
    list: async () => (await ask<{ data: OperationView[] }>(`${url}?limit=50`)).body.data,
    result: async (id: string) => (await ask<string>(path(id, 'result'))).body,
    start: (id: string, body: { hash: string; confirm?: number }) => post(path(id, 'start'), body),
    turn: (id: string, verb: Verb, reason?: string) => post(path(id, verb), reason === undefined ? {} : { reason }),

    /** Resolves once the plan is made. */
    async plan(body: object): Promise<OperationView> {
      return planned(await post(url, body));
    },
    async undo(id: string, reason: string): Promise<OperationView> {
      return planned(await post(path(id, 'undo'), { reason }));
    },

    /** Tells of every look, until the operation has ended or stands still, or `signal` says stop. */
    async watch(id: string, signal: AbortSignal, look: (now: OperationView) => void): Promise<OperationView> {
      for (;;) {
        const now = await get(id);
        look(now);
        if (!['running', 'cancelling'].includes(now.status) || signal.aborted) return now;
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };

  async function planned(made: OperationView): Promise<OperationView> {
    let now = made;
    for (let looks = 1; now.status === 'planning'; looks += 1) {
      await delay(pauseMs);
      now = await get(made.id);
      if (looks === patience) say(`${made.id} is still being planned. Are the dispatcher and the bulk worker running?`);
    }
    if (now.plan) return now;
    throw new Failure('failed', `The plan ${made.id} was not made: it is ${now.status}.`);
  }
}
