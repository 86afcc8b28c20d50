/**
 * Plays the example orders: creates them over HTTP and lets staff and clients do their part until each is where it is
 * meant to end. It asks for nothing that a person with a key and a mailbox could not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { answerMail } from './client.ts';
import type { ExampleOrder } from './examples.ts';
import type { Mailbox } from './mailbox.ts';
import { isAccepted, type Staff, told } from './staff.ts';
import { workOn } from './work.ts';

export interface Cast {
  admin: Staff;
  doer: Staff;
  checker: Staff;
  mailbox: Mailbox;
  say: (line: string) => void;
}

/** Where an order ended; `id` is absent where it was refused. */
export interface Ending {
  order: ExampleOrder;
  id?: string;
  status: string;
  /** Of its onboarding: `status` alone does not tell an unanswered form from one sent back. */
  onboarding?: string;
}

const atOnce = 8;
const patience = 120_000;

export async function play(orders: ExampleOrder[], cast: Cast): Promise<Ending[]> {
  const leaving = new AbortController();
  const byAddress = new Map(orders.map((order) => [order.contact_email, order]));
  const asked = new Set<string>();
  const answerOf = (address: string, what: 'form' | 'approval') => {
    const order = byAddress.get(address);
    if (!order || order.ends === 'waiting') return undefined;
    if (what === 'approval') return { decision: 'approve' };
    const isSecond = asked.has(address);
    asked.add(address);
    return isSecond && order.ends === 'needs_revision' ? undefined : answers(order);
  };
  const clients = answerMail({ mailbox: cast.mailbox, say: cast.say, answerOf }, leaving.signal);

  const endings: Ending[] = [];
  const queue = orders.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const order of queue) endings.push(await playOne(order, cast));
    }),
  );
  leaving.abort();
  await clients;
  return endings;
}

async function playOne(order: ExampleOrder, cast: Cast): Promise<Ending> {
  const { title, product, tier, accountId, contact_name: name, contact_email: email } = order;
  const body = { account: accountId, product, tier, source: 'import', title, client: { name, email } };
  const created = await cast.admin.create({ once: `demo-order-line-${order.line}`, body });
  if (!isAccepted(created)) {
    cast.say(`refused  orders.csv line ${order.line}: ${told(created)}`);
    return { order, status: 'refused' };
  }
  const { job, order: made } = created.body as { job: { id: string }; order: { id: string } };
  const refusal = await refusalOf(job.id, cast);
  if (refusal !== undefined) return { order, status: refusal };
  const { id } = made;
  const { status, onboarding } = await workOn({ id, ends: order.ends }, cast, patience);
  cast.say(`${status.padEnd(8)} ${title}`);
  return { order, id, status, onboarding };
}

/** Waits until the order is there; a refusal by the worker (the API asks the same rule, so: hardly ever) is told. */
async function refusalOf(jobId: string, { admin, say }: Cast): Promise<string | undefined> {
  const deadline = performance.now() + patience;
  let job = await admin.job(jobId);
  while (job.state === 'open' && performance.now() < deadline) {
    await delay(100);
    job = await admin.job(jobId);
  }
  if (job.state === 'done') return undefined;
  say(`${job.state.padEnd(8)} job ${job.id}: ${job.outcome?.message ?? 'no outcome'}`);
  return job.state;
}

/** What this client answers when asked for a form: the product's own example, in the client's name. */
function answers(order: ExampleOrder): Record<string, unknown> {
  const form = workflowFor(order.product).stages.find(({ gate }) => gate === 'form');
  const example = form ? exampleOf(form) : {};
  const approver = { name: order.contact_name, email: order.contact_email };
  return 'approver' in example ? { ...example, approver } : example;
}
