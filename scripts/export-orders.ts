/**
 * `export-orders`: any part of the order list as CSV or JSON lines. It asks the HTTP API and not the database: what comes
 * out is what the key may see, under the names and rules of the list. One page is in memory at a time, and the pages
 * follow a cursor, oldest first, so that orders that come in meanwhile neither push one out nor bring one twice.
 */
import { open, rename } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { OrderView } from '../api/schemas/order.ts';
import { type Ask, createAsk } from '../client/ask.ts';
import { csvLine } from '../runtime/csv-cells.ts';
import { keyNotes, type ServiceOptions, serviceOf, withService } from './command-line/api.ts';
import { type Checkpoint, checkpointAt } from './command-line/checkpoint.ts';
import { codeOf, Failure } from './command-line/exit.ts';
import { commandWith, type Interrupt, onInterrupt } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, progress, say } from './command-line/terminal.ts';
import { type Column, columnNames, columns } from './orders/columns.ts';
import { filterFrom, withFilter } from './orders/filter.ts';

const examples = `
  export-orders --setup-status setup > in-setup.csv
  export-orders --product seo --start-date 2026-01-01 --out seo.csv --bom     for Excel
  export-orders --account acc_mueller --format jsonl | jq .title
  export-orders --out all.csv --resume                                        go on after Ctrl-C
`;

interface Options extends ServiceOptions {
  format: 'csv' | 'jsonl';
  columns: Column[];
  bom?: boolean;
  out?: string;
  pageSize: number;
  resume?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const placeSchema = z.strictObject({
  asked: z.string(),
  cursor: z.string().optional(),
  bytes: z.int(),
  orders: z.int(),
});

type Place = z.infer<typeof placeSchema>;

const program = script('export-orders', {
  description: 'Writes orders as CSV or JSON lines, oldest first.',
  examples,
  notes: `${keyNotes}\nText that a spreadsheet would take for a formula gets a ' before it; import-orders takes it away again.`,
});
withFilter(withService(program))
  .addOption(new Option('--format <format>', 'csv, or jsonl with everything').choices(['csv', 'jsonl']).default('csv'))
  .addOption(
    new Option('--columns <names>', `of ${columnNames.join(', ')}`)
      .argParser(columnsFrom)
      .default(columnNames, 'all of them'),
  )
  .option('--bom', 'begin with a byte order mark, so that Excel reads UTF-8')
  .option('--out <file>', 'write to this file instead of stdout; it appears when complete')
  .option('--page-size <number>', 'orders per request, at most 200', pageSizeFrom, 200)
  .option('--resume', 'resume an interrupted export to the same file')
  .option('--json', 'with --out: tell the result as JSON on stdout')
  .action(exportOrders);

async function exportOrders(options: Options): Promise<void> {
  const filter = filterFrom({ ...options });
  if (options.out === undefined && (options.resume || options.json)) {
    throw new Failure('usage', '--resume and --json go with --out: without it stdout is the orders themselves.');
  }
  const ask = createAsk(await serviceOf(options));
  const { out } = options;
  if (out === undefined) return toStdout(ask, filter, options);
  const place = checkpointAt(`${out}.checkpoint.json`, placeSchema);
  await toFile(ask, { filter, options, out, place });
}

async function toStdout(ask: Ask, filter: Record<string, string>, options: Options): Promise<void> {
  const interrupt = onInterrupt('Stopping after this page.');
  const shown = progress({ label: 'orders', ...quietly(options) });
  let orders = 0;
  for await (const page of pagesOf(ask, { filter, limit: options.pageSize, interrupt })) {
    await print((orders === 0 ? headingOf(options) : '') + textOf(page.orders, options));
    orders += page.orders.length;
    shown.at(orders);
  }
  shown.end();
  if (interrupt.asked) throw new Failure('interrupted', `Stopped after ${orders} orders; there are more.`);
  if (!options.quiet) say(`${orders} orders.`);
}

interface ToFile {
  filter: Record<string, string>;
  options: Options;
  out: string;
  place: Checkpoint<Place>;
}

async function toFile(ask: Ask, { filter, options, out, place }: ToFile): Promise<void> {
  const asked = JSON.stringify({ filter, ...options, resume: undefined, json: undefined, quiet: undefined });
  const from = await placeToBegin(place, options, asked);
  const file = await open(`${out}.part`, from ? 'r+' : 'w', 0o600);
  const interrupt = onInterrupt('Finishing this page.');
  const shown = progress({ label: 'orders', ...quietly(options) });
  const at: Place = from ?? { asked, bytes: 0, orders: 0 };
  try {
    await file.truncate(at.bytes);
    const append = async (text: string) => {
      at.bytes += (await file.write(text, at.bytes, 'utf8')).bytesWritten;
    };
    if (!from) await append(headingOf(options));
    for await (const page of pagesOf(ask, { filter, limit: options.pageSize, cursor: at.cursor, interrupt })) {
      await append(textOf(page.orders, options));
      at.orders += page.orders.length;
      shown.at(at.orders);
      if (page.next === undefined) continue;
      at.cursor = page.next;
      await place.write(at);
    }
    await file.sync();
  } finally {
    await file.close();
    shown.end();
    interrupt.dispose();
  }
  if (interrupt.asked) return stopped(at.orders);
  await rename(`${out}.part`, out);
  await place.clear();
  if (options.json) process.stdout.write(`${JSON.stringify({ orders: at.orders, bytes: at.bytes, file: out })}\n`);
  if (!options.quiet) say(`${at.orders} orders in ${out}.`);
}

async function placeToBegin(place: Checkpoint<Place>, { resume }: Options, asked: string): Promise<Place | undefined> {
  if (!resume) return undefined;
  const found = await place.read();
  if (!found) throw new Failure('notFound', `There is nothing to resume: ${place.path} does not exist.`);
  if (found.asked === asked) return found;
  throw new Failure(
    'conflict',
    `${place.path} belongs to an export with other flags. Leave out --resume to begin anew.`,
  );
}

function stopped(orders: number): void {
  say(`Stopped after ${orders} orders. To go on:\n  ${commandWith('--resume')}`);
  process.exitCode = codeOf('interrupted');
}

interface Walk {
  filter: Record<string, string>;
  limit: number;
  cursor?: string | undefined;
  interrupt: Interrupt;
}

interface Page {
  orders: OrderView[];
  next: string | undefined;
}

interface Answered {
  data: OrderView[];
  page: { nextCursor?: string };
}

async function* pagesOf(ask: Ask, { filter, limit, cursor, interrupt }: Walk): AsyncGenerator<Page> {
  for (let next = cursor; !interrupt.asked; ) {
    const query = {
      ...filter,
      sort_by: 'created_at',
      order: 'asc',
      limit: String(limit),
      ...(next && { cursor: next }),
    };
    const { body } = await ask<Answered>(`/v1/admin/orders?${new URLSearchParams(query)}`);
    next = body.page.nextCursor;
    yield { orders: body.data, next };
    if (next === undefined) return;
  }
}

function headingOf({ format, bom, columns: names }: Options): string {
  return `${bom ? '\ufeff' : ''}${format === 'csv' ? csvLine(names) : ''}`;
}

function textOf(orders: OrderView[], { format, columns: names }: Options): string {
  if (format === 'jsonl') return orders.map((order) => `${JSON.stringify(order)}\n`).join('');
  return orders.map((order) => csvLine(names.map((name) => columns[name](order)))).join('');
}

function columnsFrom(text: string): Column[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(columns, name));
  if (unknown.length === 0) return names as Column[];
  throw new InvalidArgumentError(`Unknown column ${unknown.join(', ')}. Available: ${columnNames.join(', ')}.`);
}

function pageSizeFrom(text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= 200) return size;
  throw new InvalidArgumentError('Enter a whole number from 1 to 200.');
}

function quietly({ quiet }: Options): { quiet?: boolean } {
  return quiet === undefined ? {} : { quiet };
}

await run(program);
