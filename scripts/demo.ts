/**
 * The demo: everything as processes of their own on free ports, the example orders played to their end on a business
 * time of its own, then kept serving. `--once` leaves instead. Progress goes to stderr; the one line on stdout is for
 * machines.
 */
import { createInterface } from 'node:readline';
import closeWithGrace from 'close-with-grace';
import { Failure } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { say } from './command-line/terminal.ts';
import { build, root } from './servers/built.ts';
import { freePort } from './servers/ports.ts';
import { layDeskOf } from './trial/desk.ts';
import { type Examples, readExamples } from './trial/examples.ts';
import { countFigures } from './trial/figures.ts';
import { invitation } from './trial/invitation.ts';
import { type MailboxPage, serveMailbox } from './trial/mailbox-page.ts';
import type { Part } from './trial/part.ts';
import { play } from './trial/play.ts';
import { watchWork } from './trial/quiet.ts';
import { type Keys, seed } from './trial/seed.ts';
import { type Stack, startStack } from './trial/stack.ts';
import { staffMember } from './trial/staff.ts';
import { summarise, surprises } from './trial/summary.ts';

const program = script('demo', {
  description: 'Runs the whole system on this machine and plays the example orders.',
  examples: `
  demo               play the example orders, then keep serving; Ctrl-C ends it
  demo --once        play them, print one line of JSON, and exit
  demo --orders 5    play only the first five
`,
})
  .option('--once', 'exit once the orders are played')
  .option('--orders <number>', 'how many of the example orders to play', wholeNumber)
  .allowExcessArguments(false)
  .action(demo);

await run(program);

interface Options {
  once?: boolean;
  orders?: number;
}

async function demo({ once, orders }: Options): Promise<void> {
  const undoes: (() => Promise<void>)[] = [];
  const undoAll = async () => {
    for (const undo of undoes.splice(0).reverse()) await undo();
  };
  const closing = closeWithGrace({ delay: 30_000, logger: false }, async ({ err, signal }) => {
    if (err) say(`The demo failed: ${err.stack ?? err.message}`);
    else if (signal) say('Stopping everything.');
    await undoAll();
  });
  const onUndo = (undo: () => Promise<void>) => void undoes.push(undo);
  await build();
  const examples = await readExamples(root);
  const hosts = examples.orders.map(({ company }) => company.host);
  const running = await startStack({ root, hosts, say, onUndo, onGiveUp: (name) => giveUp(name) });
  const isAsMeant = await perform(running, examples, { once, orders, onUndo });
  if (!once) return;
  await undoAll();
  closing.uninstall();
  process.exitCode = isAsMeant ? 0 : 1;

  async function giveUp(name: string): Promise<void> {
    say(`${name} ends at every start, so the demo stops. Its last lines are above.`);
    await undoAll();
    process.exit(1);
  }
}

interface Performance extends Options {
  onUndo: (undo: () => Promise<void>) => void;
}

async function perform(
  running: Stack,
  examples: Examples,
  { once, orders: most, onUndo }: Performance,
): Promise<boolean> {
  const startedAt = performance.now();
  const { url, mailbox, database, days, vendor } = running;
  for (const { line, field, rule, message } of examples.bad) {
    say(`left out orders.csv line ${line}${field ? `, ${field}` : ''}: ${rule} (${message})`);
  }
  const keys = await seed(database.uri, { ...examples, vendor });
  await running.ready();

  const watch = await watchWork(database.uri, days, running.isVendorIdle);
  onUndo(watch.close);
  const [admin, doer, checker] = [keys.admin, keys.setup, keys.checker].map((key) => staffMember(url, key));
  if (!admin || !doer || !checker) throw new Error('There is a key missing.');
  const orders = examples.orders.slice(0, most);
  say(`\n${days.told()} (business time): ${orders.length} orders will be created over HTTP.`);
  const parts = await play(orders, { admin, doer, checker, mailbox, days, watch, say });

  const figures = await countFigures(
    database.uri,
    parts.flatMap(({ id }) => id ?? []),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const surprise of surprises(parts)) say(`Unexpected: ${surprise}`);
  const businessDays = days.passed();
  const played = { parts, figures, mailbox, businessDays, database: database.kind, seconds };
  process.stdout.write(`${JSON.stringify(summarise(played))}\n`);
  if (!once) {
    const {
      url,
      database: { uri },
    } = running;
    await layDeskOf({ url, uri, business: days, settle: watch.untilQuiet }, keys.admin);
    onUndo((await keepServing(running, parts, keys)).stop);
  }
  return surprises(parts).length === 0 && mailbox.duplicates() === 0;
}

async function keepServing(running: Stack, parts: Part[], { admin: key, client }: Keys): Promise<MailboxPage> {
  const { url, mailbox, names, pid, logs, days } = running;
  const mails = await serveMailbox(mailbox, await freePort());
  const processes = names.map((name) => [name, pid(name)] as const);
  say(invitation({ url, mails: mails.url, key, client, logs, parts, processes }));
  createInterface(process.stdin).on('line', () => {
    days.moveTo(days.nextTurn());
    say(`It is ${days.told()} now.`);
  });
  return mails;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Failure('usage', `--orders takes a whole number from 1, not "${text}".`);
}
