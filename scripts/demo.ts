/**
 * The demo: everything as processes of their own on free ports, the example orders played to their end on a business
 * time of its own, then kept serving. `--once` leaves instead. Progress goes to stderr; the one line on stdout is for
 * machines.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { freePort } from './servers/ports.ts';
import { readExamples } from './trial/examples.ts';
import { countFigures } from './trial/figures.ts';
import { invitation } from './trial/invitation.ts';
import { serveMailbox } from './trial/mailbox-page.ts';
import type { Part } from './trial/part.ts';
import { play } from './trial/play.ts';
import { watchWork } from './trial/quiet.ts';
import { seed } from './trial/seed.ts';
import { type Stack, startStack } from './trial/stack.ts';
import { staffMember } from './trial/staff.ts';
import { summarise, surprises } from './trial/summary.ts';

const root = join(import.meta.dirname, '../..');
const { values: options } = parseArgs({
  options: { once: { type: 'boolean', default: false }, orders: { type: 'string' } },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);

const startedAt = performance.now();
const undoes: (() => Promise<void>)[] = [];
const undoAll = async () => {
  for (const undo of undoes.splice(0).reverse()) await undo();
};
const closing = closeWithGrace({ delay: 30_000, logger: false }, async ({ err, signal }) => {
  if (err) say(`The demo failed: ${err.stack ?? err.message}`);
  else if (signal) say('Stopping everything.');
  await undoAll();
});

const isAsMeant = await perform(await startStack({ root, say, onUndo: (undo) => undoes.push(undo) }));
if (options.once) {
  await undoAll();
  closing.uninstall();
  process.exitCode = isAsMeant ? 0 : 1;
}

async function perform(running: Stack): Promise<boolean> {
  const { url, mailbox, database, days, vendor } = running;
  const examples = await readExamples(root);
  for (const { line, field, rule, message } of examples.bad) {
    say(`left out orders.csv line ${line}${field ? `, ${field}` : ''}: ${rule} (${message})`);
  }
  const keys = await seed(database.uri, { ...examples, vendor });
  await running.ready();

  const watch = await watchWork(database.uri, days, running.isVendorIdle);
  undoes.push(watch.close);
  const [admin, doer, checker] = [keys.admin, keys.setup, keys.checker].map((key) => staffMember(url, key));
  if (!admin || !doer || !checker) throw new Error('There is a key missing.');
  const orders = examples.orders.slice(0, options.orders ? Number(options.orders) : undefined);
  say(`\n${days.told()} (business time): ${orders.length} orders are created over HTTP.`);
  const parts = await play(orders, { admin, doer, checker, mailbox, days, watch, say });

  const figures = await countFigures(
    database.uri,
    parts.flatMap(({ id }) => id ?? []),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const surprise of surprises(parts)) say(`Not as intended: ${surprise}`);
  const businessDays = days.passed();
  const played = { parts, figures, mailbox, businessDays, database: database.kind, seconds };
  process.stdout.write(`${JSON.stringify(summarise(played))}\n`);
  if (!options.once) await keepServing(running, parts, keys.admin);
  return surprises(parts).length === 0 && mailbox.duplicates() === 0;
}

async function keepServing(running: Stack, parts: Part[], key: string): Promise<void> {
  const { url, mailbox, names, pid, logs, days } = running;
  const mails = await serveMailbox(mailbox, await freePort());
  undoes.push(mails.stop);
  const processes = names.map((name) => [name, pid(name)] as const);
  say(invitation({ url, mails: mails.url, key, logs, parts, processes }));
  createInterface(process.stdin).on('line', () => {
    days.moveTo(days.nextTurn());
    say(`It is ${days.told()} now.`);
  });
}
