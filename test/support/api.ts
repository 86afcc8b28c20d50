/**
 * The API of a test: the real application on a database and a corner of Redis of its own, with an agency, two accounts
 * and a key for every role. `work()` stands in for the worker processes: it carries out everything that is open.
 */
import type { Job } from 'bullmq';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Connection } from 'mongoose';
import { afterAll } from 'vitest';
import { build } from '../../api/app.ts';
import type { Limits } from '../../api/http/limits.ts';
import { type Role, roles } from '../../kernel/actor.ts';
import { jobId } from '../../kernel/ids.ts';
import { type Clock, systemClock } from '../../kernel/time.ts';
import { tokenFor } from '../../kernel/tokens.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { createMailer } from '../../mail/send.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createDns } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { createLog, type Log } from '../../runtime/log.ts';
import { connectProducer } from '../../runtime/redis.ts';
import { startSites } from '../../scripts/simulators/sites.ts';
import { workers } from '../../workers/index.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { freshDatabase } from './mongo.ts';
import { freshRedis, type TestRedis } from './redis.ts';

export interface Asked {
  as?: Role | 'nobody' | (string & {});
  body?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

export interface TestApi {
  app: FastifyInstance;
  models: Models;
  context: Context;
  redis: TestRedis;
  keys: Record<Role, string>;
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, asked?: Asked): Promise<LightMyRequestResponse>;
  /** Carries out what is open, and what comes of it, mails aside unless there is a mail server; resolves to how many. */
  work(): Promise<number>;
  /** Keeps the alerts as their causes are. */
  keepWatch(): Promise<number>;
  /** An order that the workers have created; resolves to its id. */
  order(product: string, with_?: Record<string, unknown>): Promise<string>;
  /** Does everything up to `stage`; the form and the approval go through the public pages. */
  walk(id: string, stage?: string): Promise<void>;
  token(kind: 'link' | 'approval', id: string, generation?: number): string;
}

const usualSecret = 'a secret for links of at least 32 characters';
export const client = { name: 'Cleo Client', email: 'cleo@example.com' };

export interface Surroundings {
  redisUrl?: string;
  limits?: Limits;
  trustProxy?: number | readonly string[];
  publicUrl?: string;
  /** Else the key prefix of this test alone. */
  redis?: TestRedis;
  log?: Log;
  /** A route that somebody forgot to give a policy. */
  extraRoute?: string;
  connection?: Connection;
  /** When things are due and happened; the system's clock when absent. */
  business?: Clock;
  linkSecret?: string;
  /** Where emails go; without one, none is sent. */
  smtpUrl?: string;
}

export async function anApi(options: Surroundings = {}): Promise<TestApi> {
  const { connection, linkSecret = usualSecret, smtpUrl = 'smtp://127.0.0.1:1' } = options;
  if (connection) afterAll(() => connection.close());
  const models = openModels(connection ?? (await freshDatabase()));
  await syncIndexes(models);
  const redis = options.redis ?? freshRedis();
  const { url, prefix } = redis;
  const log = options.log ?? createLog('test', 'silent');
  const producer = connectProducer(options.redisUrl ?? url, log);
  const nudger = createNudger({ connection: producer, prefix });
  const ports = { models, nudger, clock: systemClock, business: options.business ?? systemClock, log };
  const app = await build({
    ...{ ...ports, secret: linkSecret, board: { connection: producer, prefix } },
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    counts: { connection: producer, prefix },
    limits: options.limits ?? { requests: 100_000, guesses: 100_000 },
    ...(options.trustProxy !== undefined && { trustProxy: options.trustProxy }),
  });
  if (options.extraRoute) app.get(options.extraRoute, async () => 'here');
  const mailer = createMailer({ url: smtpUrl });
  const sites = await startSites();
  const outside = httpGuard({ standin: sites.origin });
  const looking = { outside, dns: createDns({ standin: sites.origin }) };
  const context = { ...ports, ...looking, mailer, linkSecret, publicUrl: 'http://orders.example' };
  const keys = await populate(models);
  afterAll(async () => {
    await app.close();
    await nudger.close();
    await sites.close();
    mailer.close();
  });

  const api: TestApi = {
    ...{ app, models, context, redis, keys },
    call: (method, url, asked = {}) => app.inject({ method, url, ...requestOf(asked, keys) }),
    work: () => workAll(context, options.smtpUrl === undefined ? { queue: { $ne: 'notifications' } } : {}),
    keepWatch: () => workAll(context, { kind: { $in: ['alert', 'weigh', 'acknowledge', 'doubt', 'answer'] } }),
    order: (product, with_) => orderOf(api, product, with_),
    walk: (id, stage) => walk(api, id, stage),
    token: (kind, id, generation = 1) => tokenFor(linkSecret, { kind, id, generation }),
  };
  return api;
}

function requestOf({ as = 'order_admin', body, form, headers = {} }: Asked, keys: Record<string, string>) {
  const key = as === 'nobody' ? undefined : (keys[as] ?? as);
  return {
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }),
      ...headers,
    },
    ...(body !== undefined && { payload: body as object }),
    ...(form && { payload: new URLSearchParams(form).toString() }),
  };
}

async function populate({ agencies, accounts, apiKeys }: Models): Promise<Record<Role, string>> {
  const now = systemClock.now();
  for (const agency of ['north', 'south']) {
    await agencies.put({
      _id: agency,
      name: `Agency ${agency}`,
      from: { name: agency, email: `${agency}@example.com` },
      colour: '#7a1fa2',
    });
  }
  for (const [account, agency] of [
    ['acme', 'north'],
    ['bolt', 'north'],
    ['cove', 'south'],
  ] as const) {
    await accounts.put({
      _id: account,
      agency,
      name: account,
      timeZone: 'America/New_York',
      country: 'US',
      contact: client,
    });
  }
  const issued = roles.map(async (role) => {
    const scope = { agency: 'north', ...(role === 'account_manager' && { accounts: ['acme'] }) };
    return [role, (await apiKeys.issue({ name: role, type: 'staff', role, ...scope }, now)).key] as const;
  });
  return Object.fromEntries(await Promise.all(issued)) as Record<Role, string>;
}

async function workAll(context: Context, which: object): Promise<number> {
  const { collection } = context.models.work.model;
  for (let done = 0; ; ) {
    const open = { state: 'open', ...which, runAt: { $lte: context.business.now() } };
    const found = collection.find(open as never).sort({ createdAt: 1 });
    const items = (await found.toArray()) as unknown as WorkItem[];
    if (items.length === 0) return done;
    for (const item of items) await performItem(item, context);
    done += items.length;
  }
}

async function performItem(item: WorkItem, context: Context): Promise<void> {
  const worker = workers[item.queue];
  if (!worker) throw new Error(`No worker for ${item.queue}.`);
  const job = {
    id: jobId(item.kind, item._id, item.generation),
    data: { work: item._id },
    attemptsMade: 0,
    opts: { attempts: 1 },
  };
  await perform(worker, job as unknown as Job, context);
}

async function orderOf(api: TestApi, product: string, with_: Record<string, unknown> = {}): Promise<string> {
  const tier = workflowFor(product).tiers[0];
  const body = { account: 'acme', product, tier, title: `${product} for Acme`, client, ...with_ };
  const answer = await api.call('POST', '/v1/admin/orders', { body });
  if (answer.statusCode !== 202) throw new Error(answer.body);
  await api.work();
  return answer.json().order.id;
}

async function walk(api: TestApi, id: string, until?: string): Promise<void> {
  for (let step = 0; step < 50; step += 1) {
    const order = await api.models.orders.get(id);
    const at = order?.state.stages.find(({ key }) => key === order.state.stage);
    if (!order || !at || at.key === until) return;
    const answer = await leave(api, id, { ...at, data: exampleOf(stageIn(order.state.product, at.key)) });
    if (answer.statusCode >= 300) throw new Error(`${at.key}: ${answer.body}`);
    await api.work();
  }
  throw new Error(`The order ${id} never came to ${until ?? 'its end'}.`);
}

const stageIn = (product: string, key: string) => {
  const stage = workflowFor(product).stages.find((candidate) => candidate.key === key);
  if (!stage) throw new Error(`No stage ${key}.`);
  return stage;
};

interface Leaving {
  key: string;
  gate: string;
  status: string;
  link?: string;
  approval?: string;
  data: Record<string, unknown>;
}

function leave(api: TestApi, id: string, { key, gate, status, link, approval, data }: Leaving) {
  const stage = (body: object, as: Role) =>
    api.call('PUT', `/v1/admin/orders/${id}/stage`, {
      as,
      body: { stage: key, ...body },
      headers: { 'if-match': '*' },
    });
  if (gate === 'form' && status === 'in_review') return stage({ action: 'review', decision: 'approve' }, 'order_admin');
  if (gate === 'form')
    return api.call('POST', `/onboarding/${api.token('link', link ?? '')}`, { as: 'nobody', body: data });
  if (gate === 'approval') {
    return api.call('POST', `/approve/${api.token('approval', approval ?? '')}`, {
      as: 'nobody',
      body: { decision: 'approve' },
    });
  }
  return stage({ action: 'complete', data }, gate === 'qa' ? 'setup_manager' : 'fulfillment');
}
