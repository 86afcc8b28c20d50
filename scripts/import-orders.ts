/**
 * `import-orders`: a file of orders through the HTTP API, as any other service would bring them. The whole file is judged
 * before the first order is sent. Every line has a natural key, so that sending it twice makes one order; the checkpoint
 * only saves time and keeps the counts.
 */
import { Option } from 'commander';
import { createAsk } from '../client/ask.ts';
import { createClient } from '../client/index.ts';
import { keyNotes, type ServiceOptions, serviceOf, withService } from './command-line/api.ts';
import { confirm } from './command-line/confirm.ts';
import { codeOf, type Exit } from './command-line/exit.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, progress, say } from './command-line/terminal.ts';
import { judge } from './orders/judge.ts';
import { accountFinder, type FindAccount } from './orders/known-accounts.ts';
import { fieldsOf, type Mapping, mustHaveColumns, plainMapping, readMapping, unusedColumns } from './orders/mapping.ts';
import { type Line, recordsIn } from './orders/records.ts';
import { repeatsIn } from './orders/repeats.ts';
import { sendAll } from './orders/send.ts';
import { type Encoding, encodings } from './orders/text.ts';
import { type Counts, noCounts, openRejects, tellerFor, type Verdict } from './orders/verdict.ts';

const examples = `
  import-orders orders.csv                            say what would become of every line
  import-orders orders.csv --apply                    send the good lines; the others go to orders.csv.rejects.csv
  import-orders shop.csv --mapping shop.json --apply  where the columns have other names
  import-orders orders.csv --apply --resume           go on after Ctrl-C or an outage
  import-orders orders.jsonl --json | tail -1         the counts, for a machine
`;

const notes = `Columns: account (its id or name), product, tier, title, client_name, client_email (or contact_name, contact_email); and, if
there are any, agency (where two accounts have one name), reference, key (your own word for the order: a line whose key
was sent before makes no second order), options (JSON, or name=value), options.<name>, calendar. Files of export-orders
have these names.
A mapping file: {"columns": {"client.name": "Kontakt"}, "values": {"product": {"SEO Paket": "seo"}}, "defaults": {"tier": "basic"}}
Send a file again under the same API key: another key is another sender, whose orders are others.
${keyNotes}`;

const large = 1_000;

export interface ImportOptions extends ServiceOptions {
  format?: 'csv' | 'jsonl';
  encoding: Encoding;
  mapping?: string;
  rejects?: string;
  checkpoint?: string;
  concurrency: string;
  apply?: boolean;
  resume?: boolean;
  fromStart?: boolean;
  yes?: boolean;
  confirm?: string;
  json?: boolean;
  quiet?: boolean;
}

const program = script('import-orders', { description: 'Creates an order for every line of a file.', examples, notes });
withService(program)
  .argument('<file>', 'CSV with a heading, or JSON lines')
  .addOption(new Option('--format <format>', 'by default what the name of the file says').choices(['csv', 'jsonl']))
  .addOption(new Option('--encoding <encoding>', 'how the text is written').choices(encodings).default('utf-8'))
  .option('--mapping <file>', 'which column holds which field (see below)')
  .option('--rejects <file>', 'where rejected lines are listed; by default <file>.rejects.csv, with --apply')
  .option('--checkpoint <file>', 'checkpoint file; by default <file>.checkpoint.json')
  .addOption(new Option('--concurrency <number>', 'parallel requests').choices(['1', '2', '4', '8', '16']).default('8'))
  .option('--apply', 'send the orders; without it nothing is written')
  .option('--resume', 'resume where an earlier run stopped')
  .option('--from-start', 'start over although an earlier run stopped half-way')
  .option('--confirm <number>', 'the number of orders, instead of being asked for it')
  .option('--yes', `do not ask for confirmation above ${large} orders`)
  .option('--json', 'one JSON object a line, and the counts as the last one')
  .action(importOrders);

async function importOrders(file: string, options: ImportOptions): Promise<void> {
  const format = options.format ?? (/\.(jsonl|ndjson|json)$/i.test(file) ? 'jsonl' : 'csv');
  const mapping = options.mapping === undefined ? plainMapping : await readMapping(options.mapping);
  let unused: string[] | undefined;
  const onColumns = (names: string[]) => {
    mustHaveColumns(file, names, mapping);
    if (!unused && !options.quiet) tellUnused(unusedColumns(names, mapping));
    unused ??= names;
  };
  const lines = () => recordsIn({ path: file, format, encoding: options.encoding }, onColumns);
  const survey = await rehearse(lines(), mapping, options);
  if (!options.apply) return endRehearsal(survey, options);
  await confirm({
    what: `${survey.would_create} orders would be created by ${file}.`,
    word: String(survey.would_create),
    yes: options.yes || survey.would_create <= large,
    typed: options.confirm,
  });
  const service = await serviceOf(options);
  const client = createClient({ ...service, attempts: 6 });
  const find = accountFinder(createAsk({ ...service, attempts: 6 }));
  const end = await sendAll({ file, lines: lines(), mapping, options, client, find, total: totalOf(survey) });
  await finish(end.counts, end.interrupted ? 'interrupted' : exitFor(end.counts), options);
  if (end.interrupted) say(`Stopped after line ${end.line}. To go on:\n  ${commandWith('--resume')}`);
}

function tellUnused(names: string[]): void {
  if (names.length > 0) say(`Columns that no order is read from: ${names.join(', ')}.`);
}

/** Judges every line; told one by one only where that is all there is to it. */
async function rehearse(lines: AsyncIterable<Line>, mapping: Mapping, options: ImportOptions): Promise<Counts> {
  const counts = noCounts();
  const tell = options.apply ? async () => {} : tellerFor(options.json === true);
  const rejects = !options.apply && options.rejects !== undefined ? await openRejects(options.rejects, 0) : undefined;
  const find = await finderOf(options);
  const repeated = repeatsIn();
  const shown = progress({ label: 'lines judged', ...(options.quiet && { quiet: true }) });
  try {
    for await (const line of lines) {
      const verdict = await verdictOn(line);
      counts[verdict.verdict] += 1;
      await tell(verdict);
      if (verdict.verdict === 'rejected') await rejects?.add(line.line, verdict.errors);
      shown.at(totalOf(counts));
    }
  } finally {
    shown.end();
    await rejects?.close();
  }
  return counts;

  async function verdictOn({ line, record = {}, errors }: Line): Promise<Verdict> {
    if (errors) return { line, verdict: 'rejected', errors };
    const judged = await judge(fieldsOf(record, mapping), find);
    if (judged.errors) return { line, verdict: 'rejected', errors: judged.errors };
    const { account, command } = judged.wish;
    const repeat = repeated(line, judged.wish);
    if (repeat) return repeat;
    return { line, verdict: 'would_create', account, title: command.title };
  }
}

/** A rehearsal needs no service; with a key it also hears which accounts there are. */
async function finderOf(options: ImportOptions): Promise<FindAccount | undefined> {
  const hasKey = options.keyFile !== undefined || (process.env['ORDERWORKS_KEY'] ?? '') !== '';
  if (options.apply || hasKey) return accountFinder(createAsk(await serviceOf(options)));
  if (!options.quiet) say('Without an API key, accounts are not looked up.');
  return undefined;
}

async function endRehearsal(counts: Counts, options: ImportOptions): Promise<void> {
  await finish(counts, exitFor(counts), options);
  if (!options.quiet && counts.would_create > 0) {
    say(`Nothing was sent. To send ${counts.would_create} orders:\n  ${commandWith('--apply')}`);
  }
}

async function finish(counts: Counts, exit: Exit, { json, quiet }: ImportOptions): Promise<void> {
  process.exitCode = codeOf(exit);
  if (json) await print(`${JSON.stringify({ result: { ...counts, lines: totalOf(counts), exit } })}\n`);
  if (quiet) return;
  const words = {
    created: 'accepted',
    known: 'already known',
    would_create: 'would be created',
    duplicate: 'doubled',
    rejected: 'rejected',
  };
  const told = Object.entries(words).flatMap(([name, word]) => {
    const count = counts[name as keyof Counts];
    return count > 0 ? [`${count} ${word}`] : [];
  });
  say(`${totalOf(counts)} lines: ${told.join(', ') || 'nothing in them'}.`);
}

function exitFor({ rejected, ...good }: Counts): Exit {
  if (rejected === 0) return 'ok';
  return good.created + good.known + good.would_create > 0 ? 'partly' : 'failed';
}

function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

await run(program);
