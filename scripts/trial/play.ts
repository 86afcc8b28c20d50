/**
 * Plays the example orders: creates them over HTTP, and lets clients and staff take turns, twice a business day, until
 * each order is where it is meant to end. Between turns everything comes to rest before the time is moved on, so that
 * every run is the same. It asks for nothing that a person with a key and a mailbox could not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readers } from './client.ts';
import { type Days, quarterAfter } from './days.ts';
import type { ExampleOrder } from './examples.ts';
import { happenTo } from './happenings.ts';
import type { Mailbox } from './mailbox.ts';
import { addressOf, answerIn, firstAddress, isHeldUp, isThere, type Part, partOf } from './part.ts';
import type { Watch } from './quiet.ts';
import { playScenes } from './scenes.ts';
import { isAccepted, told } from './staff.ts';
import { type Team, workOn } from './work.ts';

export interface Cast extends Team {
  mailbox: Mailbox;
  days: Days;
  watch: Watch;
}

const atOnce = 8;
const patience = 120_000;
/** Four weeks; an order that is not there by then has a story that the play does not know. */
const mostTurns = 40;

export async function play(orders: ExampleOrder[], cast: Cast): Promise<Part[]> {
  const { mailbox, days, watch, say } = cast;
  const parts = orders.map(partOf);
  const byAddress = new Map(
    parts.flatMap((part) =>
      [part.order.contact_email, addressOf(part.order)].map((address) => [address, part] as const),
    ),
  );
  const readMail = readers({
    ...{ mailbox, say },
    answerOf(address, question) {
      const part = byAddress.get(address);
      return part && answerIn(part, question, address);
    },
  });

  await inTurns(parts, (part) => place(part, cast));
  for (let turn = 1; turn <= mostTurns && !parts.every(isThere); turn += 1) {
    await passTime(days.nextTurn(), cast);
    say(`\n${days.told()}`);
    await playScenes(parts, turn, cast);
    await happenTo(parts, turn, cast);
    // What follows from it has arrived in every run, or in none, when people read their mail.
    await settle(watch, say);
    await readMail();
    await settle(watch, say);
    await inTurns(parts.filter(isOpen), (part) => workOn(part, cast));
    await settle(watch, say);
    await inTurns(parts.filter(isOpen), (part) => look(part, cast));
  }
  await inTurns(parts, (part) => look(part, cast));
  return parts;
}

const isOpen = (part: Part): boolean => !isThere(part);

/** One stop for whatever is due on the way, a quarter of an hour at a time. */
async function passTime(until: Date, { days, watch, say }: Cast): Promise<void> {
  for (;;) {
    await settle(watch, say);
    const due = await watch.nextDue();
    const stop = due && quarterAfter(due) < until ? quarterAfter(due) : until;
    days.moveTo(stop);
    if (stop === until) break;
  }
  await settle(watch, say);
}

async function settle(watch: Watch, say: Cast['say']): Promise<void> {
  for (const open of await watch.untilQuiet()) say(`Still open: ${open}`);
}

async function inTurns(parts: Part[], act: (part: Part) => Promise<void>): Promise<void> {
  const queue = parts.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const part of queue) await act(part);
    }),
  );
}

async function place(part: Part, cast: Cast): Promise<void> {
  const { title, product, tier, options, line, accountId, contact_name: name } = part.order;
  const email = firstAddress(part.order);
  const body = { account: accountId, product, tier, options, source: 'import', title, client: { name, email } };
  const created = await cast.admin.create({ once: `demo-order-line-${line}`, body });
  if (!isAccepted(created)) {
    cast.say(`refused  orders.csv line ${line}: ${told(created)}`);
    part.refused = 'refused';
    return;
  }
  const { job, order } = created.body as { job: { id: string }; order: { id: string } };
  const refused = await refusalOf(job.id, cast);
  if (refused === undefined) part.id = order.id;
  else part.refused = refused;
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

async function look(part: Part, { doer, say }: Cast): Promise<void> {
  if (part.id === undefined) return;
  const wasThere = isThere(part);
  part.seen = await doer.order(part.id);
  if (isThere(part) && !wasThere) say(`${part.seen.status.padEnd(8)} ${part.order.title}`);
  if (!isHeldUp(part.seen)) return;
  const why = await doer.why(part.id);
  if (why !== part.why) say(`waits    ${part.order.title}: ${why}`);
  part.why = why;
}
