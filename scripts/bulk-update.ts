/**
 * `bulk-update`: many orders changed at once, through the HTTP API: one implementation for scripts, console and other
 * services. A plan is made first and changes nothing; it is started by its id and hash, so that what was looked at is
 * what runs.
 */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { bulkAction } from '../workflows/bulk/action.ts';
import { fieldErrors } from '../workflows/words/field-errors.ts';
import { inOurWords } from '../workflows/words/messages.ts';
import { endInWords, planInWords } from './bulk/in-words.ts';
import { openOperations, type Verb } from './bulk/operations.ts';
import { type RunOptions, rehearseAndRun, startAndWatch, watchToEnd } from './bulk/rehearse-and-run.ts';
import { keyNotes, type ServiceOptions, withService } from './command-line/api.ts';
import { Failure } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';
import { filterFrom, withFilter } from './orders/filter.ts';
import { recordsIn } from './orders/records.ts';
import { type Encoding, encodings } from './orders/text.ts';

const examples = `
  bulk-update plan set-status status=paused --product seo --reason "holiday"     what would happen to each order
  bulk-update start blk_… --hash 3f…                                             that very plan, now
  bulk-update plan tag-order add='["vip"]' --account acc_mueller --reason "…" --apply
  bulk-update plan resend-link --file ids.csv --reason "new address"             the orders of a file (column order or id)
  bulk-update pause blk_…      resume, cancel, retry-failed
  bulk-update result blk_… --out result.csv
  bulk-update undo blk_… --reason "wrong product" --apply
`;

const actions = bulkAction.options.map(({ shape }) => ({
  type: String([...shape.type.values][0]),
  fields: Object.keys(shape).filter((name) => name !== 'type'),
}));

const notes = `Actions, and the fields they take as field=value (text, or JSON):
${actions.map(({ type, fields }) => `  ${type.padEnd(18)}${fields.join(', ')}`).join('\n')}
The service does the work: Ctrl-C leaves the watch, not the operation.
${keyNotes}`;

interface Options extends ServiceOptions, RunOptions {
  reason: string;
  agency?: string;
  ids?: string[];
  file?: string;
  encoding: Encoding;
  all?: boolean;
  hash: string;
  out?: string;
}

const program = script('bulk-update', {
  description: 'Changes many orders at once: plan, start, watch, undo.',
  examples,
  notes,
});

function command(name: string, what: string): Command {
  return withService(program.command(name).description(what)).option('--json', 'one JSON document');
}

const applying = (made: Command): Command =>
  made
    .requiredOption('--reason <sentence>', 'the reason; recorded on every order that changes')
    .option('--apply', 'start the plan; without it nothing is changed')
    .option('--confirm <number>', 'the number of orders that will change, instead of being asked for it')
    .option('--yes', 'do not ask before changing more than 1000 orders or something that cannot be undone');

applying(withFilter(command('plan <action> [fields...]', 'show what would happen to each order, without changing any')))
  .option('--ids <ids>', 'these orders, separated by commas', (text: string) => text.split(',').filter(Boolean))
  .option('--file <csv>', 'the orders of a file with a column `order` or `id`')
  .addOption(
    new Option('--encoding <encoding>', 'how the text of the file is written').choices(encodings).default('utf-8'),
  )
  .option('--all', 'every order, without a filter')
  .option('--agency <id>', 'the agency whose orders to change; only for keys without an agency')
  .action((action: string, fields: string[], _own, made: Command) => plan(action, fields, made.optsWithGlobals()));
command('start <id>', 'start a plan and watch it')
  .requiredOption('--hash <hash>', 'the hash of the plan you reviewed')
  .option('--confirm <number>', 'the number of orders that will change, instead of being asked for it')
  .option('--yes', 'do not ask')
  .action((id: string, _own, made: Command) => start(id, made.optsWithGlobals()));
command('list', 'the newest operations').action((_own, made: Command) => list(made.optsWithGlobals()));
command('show <id>', 'show the plan and its progress').action((id: string, _own, made: Command) =>
  show(id, made.optsWithGlobals()),
);
command('watch <id>', 'watch until it ends').action((id: string, _own, made: Command) =>
  watch(id, made.optsWithGlobals()),
);
for (const [verb, what] of [
  ['pause', 'pause it; work in progress is finished'],
  ['resume', 'go on'],
  ['cancel', 'cancel what is open; what is done stays done'],
  ['retry-failed', 'retry what failed or conflicted'],
] as const) {
  command(`${verb} <id>`, what)
    .option('--reason <sentence>', 'the reason; recorded')
    .action((id: string, _own, made: Command) => turn(id, verb, made.optsWithGlobals()));
}
command('result <id>', 'the outcome for each order, as CSV')
  .option('--out <file>', 'write to this file instead of stdout')
  .action((id: string, _own, made: Command) => result(id, made.optsWithGlobals()));
applying(command('undo <id>', 'plan an undo of what has not been changed since')).action(
  (id: string, _own, made: Command) => undo(id, made.optsWithGlobals()),
);

async function plan(type: string, fields: string[], options: Options): Promise<void> {
  const action = actionFrom(type, fields);
  const orders = await ordersFrom(options);
  const { operations } = await openOperations(options);
  const { reason, agency } = options;
  const planned = await operations.plan({ action, reason, ...(agency !== undefined && { agency }), ...orders });
  await rehearseAndRun(operations, planned, options);
}

function actionFrom(type: string, fields: string[]): unknown {
  if (!actions.some((one) => one.type === type)) {
    throw new Failure('usage', `Unknown action ${type}. Use one of ${actions.map((one) => one.type).join(', ')}.`);
  }
  const given = fields.map((field) => {
    const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(field) ?? [];
    if (name === undefined || value === undefined) throw new Failure('usage', `"${field}" is not field=value.`);
    return [name, valueIn(value)] as const;
  });
  const action = { type, ...Object.fromEntries(given) };
  const { error } = bulkAction.safeParse(action, inOurWords);
  if (!error) return action;
  const faults = fieldErrors(error).map(({ pointer, message }) => `${pointer.slice(1) || type}: ${message}`);
  throw new Failure('usage', faults.join('\n'));
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A filter, ids, a file, or, said in so many words, all. */
async function ordersFrom(options: Options): Promise<object> {
  const filter = filterFrom({ ...options });
  const { ids, file, encoding, all } = options;
  const given = [Object.keys(filter).length > 0, ids, file, all].filter(Boolean);
  if (given.length !== 1) {
    throw new Failure(
      'usage',
      'Select the orders with one of: a filter such as --product seo, --ids, --file, or --all.',
    );
  }
  if (ids) return { ids };
  if (file !== undefined) return { ids: await idsIn(file, encoding) };
  const { order_inactivity: silent, ...rest } = filter;
  return { filter: { ...rest, ...(silent !== undefined && { order_inactivity: Number(silent) }) } };
}

const mostIds = 100_000;

async function idsIn(path: string, encoding: Encoding): Promise<string[]> {
  const ids: string[] = [];
  let column = 'order';
  const mustName = (names: string[]) => {
    column = ['order', 'id'].find((name) => names.includes(name)) ?? '';
    if (column === '') throw new Failure('usage', `${path} has no column order or id. It has: ${names.join(', ')}.`);
  };
  for await (const { line, record, errors } of recordsIn({ path, format: 'csv', encoding }, mustName)) {
    if (errors) throw new Failure('usage', `${path}:${line}: ${errors[0]?.message}`);
    const id = String(record?.[column] ?? '').trim();
    if (id === '') throw new Failure('usage', `${path}:${line}: column ${column} is empty. Enter the id of an order.`);
    ids.push(id);
    if (ids.length > mostIds) throw new Failure('usage', `${path} has more than ${mostIds} orders. Split it.`);
  }
  if (ids.length === 0) throw new Failure('usage', `${path} has no orders.`);
  return ids;
}

async function start(id: string, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const planned = await operations.get(id);
  await startAndWatch(operations, { planned, hash: options.hash, options });
}

async function list(options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const found = await operations.list();
  if (options.json) return print(`${JSON.stringify(found)}\n`);
  for (const { id, status, createdAt, action, reason } of found) {
    await print(`${[id, status, createdAt, action.type, reason].join('\t')}\n`);
  }
}

async function show(id: string, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const found = await operations.get(id);
  if (options.json) return print(`${JSON.stringify(found)}\n`);
  await print(planInWords(found) + (found.startedAt === undefined ? '' : `${endInWords(found)}\n`));
}

async function watch(id: string, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  await watchToEnd(operations, id, options);
}

async function turn(id: string, verb: Verb, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const now = await operations.turn(id, verb, options.reason);
  await print(options.json ? `${JSON.stringify(now)}\n` : `${id} is ${now.status}.\n`);
  if (now.status === 'running') say(`To watch it: ./scripts/bulk-update watch ${id}`);
}

async function result(id: string, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const text = await operations.result(id);
  if (options.out === undefined) return print(text);
  await writeFile(options.out, text);
  say(`Wrote ${options.out}.`);
}

async function undo(id: string, options: Options): Promise<void> {
  const { operations } = await openOperations(options);
  const planned = await operations.undo(id, options.reason);
  await rehearseAndRun(operations, planned, options);
}

await run(program);
