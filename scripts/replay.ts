/**
 * `replay`: dead letters from a terminal, on the database itself, so that they can be dealt with while the API is down.
 * Every intervention takes a reason and a name, and both stay in the audit.
 */
import type { Command } from 'commander';
import type { DeadGroup, Intervention } from '../models/dead-letters.ts';
import type { Models } from '../models/open.ts';
import { sortOut } from '../queues/replays.ts';
import { confirm } from './command-line/confirm.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { Failure } from './command-line/exit.ts';
import { commandWith, onInterrupt } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { harmless, paint, print, progress, say } from './command-line/terminal.ts';

const examples = `
  replay list                                                       causes, and the orders they hold up
  replay show 0123456789abcdef                                      the items of one cause
  replay group 0123456789abcdef --reason "fixed in 1.4.2"           how many that would try again
  replay group 0123456789abcdef --reason "fixed in 1.4.2" --apply   try them again
  replay item 01J… --reason "vendor is back" --apply                try one again
  replay discard 0123456789abcdef --reason "test orders" --apply    give everything of one cause up
`;

interface Options extends DatabaseOptions {
  json?: boolean;
  quiet?: boolean;
}

interface Intervening extends Options {
  reason: string;
  as: string;
  apply?: boolean;
  yes?: boolean;
  confirm?: string;
}

const large = 1_000;
const atOnce = 500;

const program = script('replay', {
  description: 'Shows dead letters, and retries or discards them.',
  examples,
});

const reading = (name: string, what: string) =>
  withDatabase(program.command(name).description(what)).option('--json', 'one JSON document');
const changing = (name: string, what: string) =>
  reading(name, what)
    .requiredOption('--reason <sentence>', 'the reason; recorded')
    .option('--as <name>', 'who you are; recorded', 'terminal')
    .option('--apply', 'make the change; without it nothing is changed')
    .option('--confirm <number>', 'the number of items, instead of being asked for it')
    .option('--yes', `do not ask for confirmation above ${large} items or before discarding`);
const optionsOf = <T extends Options>(command: Command) => command.optsWithGlobals<T>();

reading('list', 'causes, most frequent first').action((_own, command) => list(optionsOf(command)));
reading('show <fingerprint>', 'the items of a cause, oldest first').action((cause: string, _own, command) =>
  show(cause, optionsOf(command)),
);
changing('group <fingerprint>', 'retry everything with one cause').action((cause: string, _own, command) =>
  intervene({ cause, action: 'replay' }, optionsOf(command)),
);
changing('item <id>', 'retry one item').action((id: string, _own, command) =>
  intervene({ id, action: 'replay' }, optionsOf(command)),
);
changing('discard <fingerprint>', 'discard everything with one cause').action((cause: string, _own, command) =>
  intervene({ cause, action: 'discard' }, optionsOf(command)),
);

const list = (options: Options) =>
  onDatabase(options, async ({ deadLetters }) => {
    const found = await deadLetters.groups({}, 200);
    if (options.json) return print(`${JSON.stringify(found)}\n`);
    if (found.length === 0) return say('There are no dead letters.');
    await print(found.map(groupInWords).join(''));
    say(`To try a cause again: ./scripts/replay group ${found[0]?.fingerprint} --reason "…"`);
  });

function groupInWords({ fingerprint, count, queue, kind, message, held, orders }: DeadGroup): string {
  const orderList = orders.length > 0 ? `    ${orders.join(' ')}${held > orders.length ? ' …' : ''}\n` : '';
  const heading = `${paint('bold', fingerprint)}  ${count} × ${queue}/${kind}, ${held} orders wait`;
  return `${heading}\n    ${harmless(message)}\n${orderList}`;
}

const show = (cause: string, options: Options) =>
  onDatabase(options, async ({ deadLetters }) => {
    const found = await deadLetters.of({}, cause, large);
    if (found.length === 0) throw nothingDead(cause);
    const items = found.map(({ _id, queue, kind, order, account, settledAt, failure }) => ({
      ...{ id: _id, queue, kind, order, account, at: settledAt, message: failure?.message },
    }));
    if (options.json) return print(`${JSON.stringify(items)}\n`);
    const lines = items.map(({ id, order, at, message = '' }) =>
      [id, order ?? '-', at?.toISOString() ?? '-', harmless(message)].join('\t'),
    );
    await print(`${lines.join('\n')}\n`);
  });

const nothingDead = (what: string): Failure =>
  new Failure('notFound', `No dead letter is called ${what}. See \`replay list\`.`);

interface Wanted {
  action: Intervention['action'];
  cause?: string;
  id?: string;
}

const intervene = (wanted: Wanted, options: Intervening) =>
  onDatabase(options, async (models) => {
    const what = wanted.cause ?? wanted.id ?? '';
    const total = await countOf(models, wanted);
    if (total === 0) throw nothingDead(what);
    const words = wanted.action === 'replay' ? 'tried again' : 'given up';
    const tell = (changed: number) =>
      print(options.json ? `${JSON.stringify({ total, changed })}\n` : `${changed} of ${total} items ${words}.\n`);
    if (!options.apply) {
      await tell(0);
      return say(`Nothing was changed. ${total} items would be ${words}:\n  ${commandWith('--apply')}`);
    }
    const isSmall = wanted.action === 'replay' && total <= large;
    const { confirm: typed } = options;
    const yes = options.yes || isSmall;
    await confirm({ what: `${total} items would be ${words}.`, word: String(total), yes, typed });
    await tell(await carryOut(models, { wanted, options, total }));
  });

async function countOf({ deadLetters, work }: Models, { cause, id }: Wanted): Promise<number> {
  if (id !== undefined) return (await deadLetters.get({}, id)) ? 1 : 0;
  return work.model.collection.countDocuments({ state: 'dead', 'failure.fingerprint': cause } as never);
}

interface Carrying {
  wanted: Wanted;
  options: Intervening;
  total: number;
}

/** In chunks, each with its line in the audit; what is dead again by then is left for the next time. */
async function carryOut(models: Models, { wanted, options, total }: Carrying): Promise<number> {
  const { deadLetters } = models;
  const { cause, id, action } = wanted;
  const actor = { type: 'staff' as const, id: options.as };
  const interrupt = onInterrupt('Finishing this chunk.');
  const shown = progress({ label: 'items', total, ...(options.quiet && { quiet: true }) });
  let changed = 0;
  for (let left = total; left > 0 && !interrupt.asked; left -= atOnce) {
    const one = id === undefined ? null : await deadLetters.get({}, id);
    const items = cause === undefined ? (one ? [one] : []) : await deadLetters.of({}, cause, Math.min(left, atOnce));
    if (items.length === 0) break;
    const wanting = action === 'replay' ? (await sortOut(items, models)).again : items;
    changed += await deadLetters.intervene(wanting, { action, actor, reason: options.reason, at: new Date() });
    shown.at(changed);
  }
  shown.end();
  interrupt.dispose();
  if (!interrupt.asked) return changed;
  throw new Failure('interrupted', `${changed} of ${total} items are done. To go on:\n  ${commandWith()}`);
}

await run(program);
