/**
 * `migrate-workflow`: orders to another version of their workflow, through the bulk operations of the HTTP API. First a
 * plan over all of them, then a few as a canary, then the rest; each step is one command, and the next one is printed.
 */
import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { OrderView } from '../api/schemas/order.ts';
import type { Ask } from '../client/ask.ts';
import { openOperations } from './bulk/operations.ts';
import { type RunOptions, rehearseAndRun } from './bulk/rehearse-and-run.ts';
import { keyNotes, type ServiceOptions, withService } from './command-line/api.ts';
import { Failure } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { say } from './command-line/terminal.ts';

const examples = `
  migrate-workflow seo --to 2 --reason "new intake"                       what would become of every SEO order
  migrate-workflow seo --to 2 --reason "new intake" --canary 5            what would become of the oldest five
  migrate-workflow seo --to 2 --reason "new intake" --canary 5 --apply    those five
  migrate-workflow seo --to 2 --reason "new intake" --apply               the rest: those that are there already stay
  migrate-workflow seo --to 2 --stages map.json --reason "renamed"        {"old_stage": "new_stage", "dropped": null}
`;

interface Options extends ServiceOptions, RunOptions {
  to: number;
  stages?: string;
  canary?: number;
  reason: string;
  agency?: string;
}

const program = script('migrate-workflow', {
  description: 'Moves orders to another version of their workflow: plan, canary, run.',
  examples,
  notes: `A migration is not undone; a plan to the old version is the way back.\n${keyNotes}`,
});
withService(program)
  .argument('<product>', 'whose orders, such as seo')
  .requiredOption('--to <version>', 'the version to move to', numberFrom)
  .option('--stages <file>', 'JSON: old stage to new one, or null for a stage that is dropped')
  .option('--canary <number>', 'only this many orders, the oldest in setup', numberFrom)
  .requiredOption('--reason <sentence>', 'the reason; recorded on every order that changes')
  .option('--agency <id>', 'the agency whose orders to change; only for keys without an agency')
  .option('--apply', 'make the change; without it nothing is changed')
  .option('--confirm <number>', 'the number of orders that will change, instead of being asked for it')
  .option('--yes', 'do not ask')
  .option('--json', 'one JSON document')
  .action(migrate);

const stagesSchema = z.record(z.string(), z.string().nullable());

async function migrate(product: string, options: Options): Promise<void> {
  const { to, canary, reason, agency } = options;
  const stages = options.stages === undefined ? undefined : await stagesIn(options.stages);
  const { ask, operations } = await openOperations(options);
  const action = { type: 'migrate-order', version: to, ...(stages && { stages }) };
  const orders =
    canary === undefined ? { filter: { product } } : { ids: await oldest(ask, { product, agency, count: canary }) };
  const planned = await operations.plan({ action, reason, ...(agency !== undefined && { agency }), ...orders });
  const end = await rehearseAndRun(operations, planned, options);
  if (canary === undefined || options.quiet) return;
  if (end.status === 'completed') say('The canary is done. Check these orders, then run again without --canary.');
  else if (end.status !== 'planned') say('The canary did not go as planned. Check its result before continuing.');
}

async function stagesIn(path: string): Promise<z.infer<typeof stagesSchema>> {
  const text = await readFile(path, 'utf8');
  const { data } = stagesSchema.safeParse(parsed(text));
  if (data) return data;
  throw new Failure('usage', `${path} must be JSON such as {"old_stage": "new_stage", "dropped": null}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Wanted {
  product: string;
  agency: string | undefined;
  count: number;
}

/** Of the house's orders those of the agency: the list shows a key of the house all of them. */
async function oldest(ask: Ask, { product, agency, count }: Wanted): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = {
      product,
      setup_status: 'setup',
      sort_by: 'created_at',
      order: 'asc',
      limit: '200',
      ...(cursor && { cursor }),
    };
    const { body } = await ask<{ data: OrderView[]; page: { nextCursor?: string } }>(
      `/v1/admin/orders?${new URLSearchParams(query)}`,
    );
    ids.push(...body.data.filter((order) => agency === undefined || order.agency === agency).map(({ id }) => id));
    cursor = body.page.nextCursor;
  } while (cursor !== undefined && ids.length < count);
  if (ids.length === 0) throw new Failure('notFound', `No ${product} order is in setup.`);
  return ids.slice(0, count);
}

function numberFrom(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 100_000) return number;
  throw new InvalidArgumentError('Enter a whole number from 1.');
}

await run(program);
