/**
 * The clients of a trial. Orders are created at a steady pace whatever happens, and each is then taken along: the intake
 * is completed, and then three stages at once, so that commands race for one document. A request without an answer is
 * repeated under its key, as a good client does; every 202 is written down, and from then on it may not be lost.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Models } from '../../models/open.ts';
import type { Order } from '../../models/order.ts';
import { type Ledger, openLedger } from './ledger.ts';

interface Acked {
  key: string;
  job: string;
  order: string;
  status: number;
  create: boolean;
}

/** One try of one request; `status` is 0 when there was no answer. */
interface Try {
  at: number;
  ms: number;
  status: number;
}

export interface Client {
  url: string;
  key: string;
  seed: number;
  accounts: string[];
}

export interface Load {
  acked: Ledger<Acked>;
  tries: Try[];
  /** Creates orders at a pace, until told to stop or as many as `most`, and takes them along. */
  begin(pace: { perSecond: number; most?: number }): void;
  /** No new orders; resolves when those under way are through, or `patience` ms later. */
  end(patience?: number): Promise<void>;
  /** One more order; one with something of its own is not taken along. */
  create(extra?: { key?: string; title?: string; product?: string }): Promise<Try & { body: unknown }>;
  put(order: string, body: object, key?: string): Promise<Try & { body: unknown }>;
  created(): number;
}

const pollEvery = 250;
const retryAfter = 300;
const giveUpAfter = 20_000;
/** More would only make the trial longer: what is lost is lost among these. */
const mostUnderWay = 80;
const apart = ['access_granted', 'assets_collected', 'sitemap_draft'];

export function openLoad(path: string, { url, key, seed, accounts }: Client, models: Models): Load {
  const acked = openLedger<Acked>(path);
  const tries: Try[] = [];
  const under = new Map<string, Set<string>>();
  const flying = new Set<Promise<unknown>>();
  let count = 0;
  let keys = 0;
  let creating = false;
  let walking = false;
  let loops: Promise<void>[] = [];

  async function attempt(method: string, path: string, { body, key: own }: { body: object; key: string }) {
    const begun = performance.now();
    const done = (status: number, answer: unknown) => {
      const one = { at: begun, ms: performance.now() - begun, status };
      tries.push(one);
      return { ...one, body: answer };
    };
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': own,
          'if-match': '*',
        },
        signal: AbortSignal.timeout(giveUpAfter),
      });
      return done(answer.status, await answer.json());
    } catch {
      return done(0, undefined);
    }
  }

  async function ask(method: string, path: string, { body, key: given }: { body: object; key?: string | undefined }) {
    keys += 1;
    const own = given ?? `chaos-${seed}-${keys}`;
    for (;;) {
      const answer = await attempt(method, path, { body, key: own });
      if (answer.status === 202) {
        const { job, order } = answer.body as { job: { id: string }; order: { id: string } };
        acked.add({ key: own, job: job.id, order: order.id, status: 202, create: method === 'POST' });
      }
      const again = answer.status === 0 || answer.status >= 500 || answer.status === 429;
      if (!again || !walking) return answer;
      await wait(retryAfter);
    }
  }

  const create: Load['create'] = async (given = {}) => {
    const { key: own, title, product = 'site' } = given;
    if (!own) count += 1;
    const n = own ? 0 : count;
    const body = {
      account: accounts[n % accounts.length],
      product,
      tier: 'basic',
      title: title ?? `Site number ${n}`,
      client: { name: 'Cleo Client', email: `canary.${seed}.${n}@clients.example` },
    };
    const answer = await ask('POST', '/v1/admin/orders', { body, key: own });
    if (answer.status === 202 && Object.keys(given).length === 0)
      under.set((answer.body as { order: { id: string } }).order.id, new Set());
    return answer;
  };

  const put: Load['put'] = (order, body, own) => ask('PUT', `/v1/admin/orders/${order}/stage`, { body, key: own });

  function fly(act: Promise<unknown>): void {
    flying.add(act);
    void act.finally(() => flying.delete(act));
  }

  function complete(order: string, stage: string, asked: Set<string>): void {
    if (asked.has(stage)) return;
    asked.add(stage);
    const body = { action: 'override', override: 'complete', stage, reason: 'The trial goes on.' };
    fly(
      put(order, body).then(({ status }) => {
        if (status !== 202) asked.delete(stage); // Too early or too late by now: it is asked again while it is open.
      }),
    );
  }

  /** Looks at all orders under way in one query, and asks for what is open by now. */
  async function takeAlong(): Promise<void> {
    const fields = { 'state.stages.key': 1, 'state.stages.status': 1 };
    const found = models.orders.model.collection.find({ _id: { $in: [...under.keys()] as never[] } }).project(fields);
    for (const { _id, state } of (await found.toArray()) as unknown as Order[]) {
      const asked = under.get(_id);
      if (!asked) continue;
      const statusOf = (key: string) => state.stages.find((stage) => stage.key === key)?.status ?? 'locked';
      const isOpen = (key: string) => !['locked', 'done', 'skipped'].includes(statusOf(key));
      for (const stage of ['intake', ...apart]) if (isOpen(stage)) complete(_id, stage, asked);
      if (apart.every((stage) => statusOf(stage) === 'done')) under.delete(_id);
    }
  }

  async function walk(): Promise<void> {
    while (walking) {
      if (under.size > 0 && flying.size < 200) await takeAlong().catch(() => undefined);
      await wait(pollEvery);
    }
  }

  async function pace(perSecond: number, most: number): Promise<void> {
    const begun = performance.now();
    for (let n = 0; creating && n < most; ) {
      const wanted = Math.min(most, ((performance.now() - begun) / 1_000) * perSecond);
      for (; n < wanted && under.size + flying.size < mostUnderWay; n += 1) fly(create());
      await wait(20);
    }
  }

  return {
    acked,
    tries,
    create,
    put,
    created: () => count,
    begin({ perSecond, most = Number.POSITIVE_INFINITY }) {
      creating = true;
      if (!walking) {
        walking = true;
        loops.push(walk());
      }
      loops.push(pace(perSecond, most));
    },
    async end(patience = 30_000) {
      creating = false;
      const until = performance.now() + patience;
      while ((under.size > 0 || flying.size > 0) && performance.now() < until) await wait(100);
      walking = false;
      await Promise.allSettled([...loops, ...flying]);
      loops = [];
      under.clear();
    },
  };
}
