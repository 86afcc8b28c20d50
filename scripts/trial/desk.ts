/**
 * The demo's desk: orders in the midst of their setup, for people to try things on. The examples of the API reference are
 * about them (api/reference/desk.ts), and each finds its order as it needs it.
 */
import {
  type DeskName,
  deskAccounts,
  deskDeadLetters,
  deskNames,
  deskOperation,
  deskOrder,
  wordFor,
  wordForPlan,
} from '../../api/reference/desk.ts';
import type { Clock } from '../../kernel/time.ts';
import { type TokenKind, tokenFor } from '../../kernel/tokens.ts';
import { failureOf, openWork } from '../../kernel/work.ts';
import { type Models, openModels } from '../../models/open.ts';
import { setup } from '../../queues/setup.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { told } from './staff.ts';
import { ask } from './visitor.ts';

export interface Desk {
  /** Asks as the order admin; throws when it is refused. */
  call(method: 'POST' | 'PUT', path: string, asked: { once?: string; body: unknown }): Promise<void>;
  /** Waits until what was asked, and all that follows, is done. */
  settle(): Promise<void>;
  models: Models;
  business: Clock;
  linkSecret: string;
}

const products: Partial<Record<DeskName, string>> = {
  page: 'content',
  approval: 'content',
  'expired-approval': 'content',
};
const productOf = (name: DeskName): string => products[name] ?? 'seo';

const accounts: Partial<Record<DeskName, string>> = {
  'bulk-pause': deskAccounts.nordlicht,
  'bulk-resume': deskAccounts.sakura,
};

/** Of the demo's links: known, so that the examples of the reference are. The demo listens on this machine only. */
export const demoLinkSecret = 'the links of the demo, on this machine only';

/** A mail server that is asked to take one for such an address says no. */
export const refusedAddress = /\+refused-/;

export async function layDesk(desk: Desk): Promise<void> {
  for (const name of deskNames) await create(desk, name);
  await desk.settle();
  for (const name of ['stage', 'answers', 'approval', 'expired-approval'] as const) await sendForm(desk, name);
  await desk.settle();
  for (const name of ['approval', 'expired-approval'] as const) await bringToApproval(desk, name);
  await expire(desk);
  for (const name of ['undo', 'refused-end'] as const) {
    const body = { status: 'cancelled', reason: 'The client has changed their mind.' };
    await desk.call('PUT', `/v1/admin/orders/${deskOrder(name)}/status`, { body });
  }
  await planBulk(desk);
  await leaveDeadLetters(desk);
  await desk.settle();
}

async function create({ call }: Desk, name: DeskName): Promise<void> {
  const product = productOf(name);
  const { title, tiers } = workflowFor(product);
  const body = {
    ...{ account: accounts[name] ?? deskAccounts.brightside, product, tier: tiers.at(-1) },
    title: `Riverside Dental: ${title} to try things with (${name})`,
    client: { name: 'Ann Baker', email: `ann+${name}@riverside-dental.example` },
  };
  await call('POST', '/v1/admin/orders', { once: wordFor(name), body });
}

const stageIn = (name: DeskName, key: string) => {
  const stage = workflowFor(productOf(name)).stages.find((one) => one.key === key);
  if (!stage) throw new Error(`${productOf(name)} has no stage ${key}.`);
  return stage;
};

async function sendForm(desk: Desk, name: DeskName): Promise<void> {
  const body = exampleOf(stageIn(name, 'intake'));
  await desk.call('POST', `/onboarding/${await tokenOf(desk, name, 'link')}`, { body });
}

/** The token of the page that the order's present stage waits for. */
async function tokenOf({ models, linkSecret }: Desk, name: DeskName, kind: TokenKind): Promise<string> {
  const order = await models.orders.get(deskOrder(name));
  const stage = order?.state.stages.find(({ key }) => key === order.state.stage);
  const id = stage?.[kind];
  const page = id && (await (kind === 'link' ? models.links.get(id) : models.approvals.get(id)));
  if (!page) throw new Error(`The order "${name}" of the desk waits for no ${kind}.`);
  return tokenFor(linkSecret, { kind, id: page._id, generation: page.generation });
}

async function bringToApproval({ call, settle }: Desk, name: DeskName): Promise<void> {
  const move = (body: object) => call('PUT', `/v1/admin/orders/${deskOrder(name)}/stage`, { body });
  await move({ stage: 'intake', action: 'review', decision: 'approve' });
  await settle();
  await move({ stage: 'briefs', action: 'complete', data: exampleOf(stageIn(name, 'briefs')) });
  await settle();
}

/** As its timer would, when nobody has answered for too long. */
async function expire({ models, business, settle }: Desk): Promise<void> {
  const command = { type: 'expire-approval' as const, stage: 'brief_approval', round: 1 };
  await models.work.insert(
    openWork(draftOf('desk-expiry', deskOrder('expired-approval'), command), 'ready', business.now()),
  );
  await settle();
}

function draftOf(_id: string, order: string, command: OrderCommand) {
  const about = { agency: 'brightside', account: deskAccounts.brightside, order };
  const own = { _id, actor: { type: 'system' as const, id: 'desk' }, cause: 'timer' as const, ...about };
  return setup.draft('command', { order, command }, own);
}

async function planBulk(desk: Desk): Promise<void> {
  const names = deskNames.filter((name) => name.startsWith('bulk-'));
  for (const name of names) await plan(desk, name);
  await desk.settle();
  await start(desk, 'bulk-undo');
  await desk.call('PUT', `/v1/admin/orders/${deskOrder('bulk-retry')}/labels`, {
    body: { command: { type: 'set-priority', priority: 'low' } },
  });
  await desk.settle();
  await start(desk, 'bulk-retry');
  await leave(desk, 'bulk-pause', 'running');
  await leave(desk, 'bulk-resume', 'paused');
}

async function plan({ call }: Desk, name: DeskName): Promise<void> {
  const agency = name === 'bulk-pause' ? 'nordlicht' : name === 'bulk-resume' ? 'sakura' : 'brightside';
  const action = { type: 'set-priority', priority: 'high' };
  const body = { agency, action, reason: 'They are in a hurry.', ids: [deskOrder(name)] };
  await call('POST', '/v1/bulk-operations', { once: wordForPlan(name), body });
}

async function start({ call, settle, models }: Desk, name: DeskName): Promise<void> {
  const planned = await models.operations.get(deskOperation(name));
  await call('POST', `/v1/bulk-operations/${deskOperation(name)}/start`, { body: { hash: planned?.plan?.hash } });
  await settle();
}

/** As an operation is that somebody has started, or paused, a moment ago. */
async function leave({ models, business }: Desk, name: DeskName, status: 'running' | 'paused'): Promise<void> {
  const now = business.now();
  const set = { status, active: true, startedAt: now, ...(status === 'running' && { runsSince: now }) };
  await models.operations.documents.updateOne({ _id: deskOperation(name) }, { $set: set });
}

async function leaveDeadLetters({ models, business }: Desk): Promise<void> {
  const now = business.now();
  const failure = failureOf('command', new Error('The tag is missing.'), now);
  for (const id of Object.values(deskDeadLetters)) {
    const draft = draftOf(id, deskOrder('form'), { type: 'tag-order', add: [id], remove: [] });
    await models.work.insert({ ...openWork(draft, 'ready', now), state: 'dead', failure, settledAt: now });
  }
}

/** Lays the desk of a running demo. */
export async function layDeskOf(
  { url, uri, business, settle }: { url: string; uri: string; business: Clock; settle: () => Promise<unknown> },
  key: string,
): Promise<void> {
  const connection = await connectMongo(uri, { waitMs: 30_000 });
  await layDesk({
    async call(method, path, { once, body }) {
      const headers = {
        ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json', 'if-match': '*' },
        ...(once !== undefined && { 'idempotency-key': once }),
      };
      const answer = await ask(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${told(answer)}`);
    },
    settle: async () => void (await settle()),
    ...{ models: openModels(connection), business, linkSecret: demoLinkSecret },
  });
  await connection.close();
}

/** What the examples name and nobody can compute beforehand. */
export async function valuesOf(desk: Desk) {
  const { models } = desk;
  const tell = async (about: DeskName, kind: string) =>
    (await models.alerts.documents.findOne({ order: deskOrder(about), kind }))?._id ?? `no ${kind}`;
  return {
    tokens: {
      form: await tokenOf(desk, 'page', 'link'),
      approval: await tokenOf(desk, 'approval', 'approval'),
      expiredApproval: await tokenOf(desk, 'expired-approval', 'approval'),
    },
    planHash: (await models.operations.get(deskOperation('bulk-start')))?.plan?.hash ?? '',
    alerts: {
      acknowledge: await tell('refused-mail', 'mail-undelivered'),
      delivery: await tell('refused-end', 'delivery-refused'),
    },
  };
}
