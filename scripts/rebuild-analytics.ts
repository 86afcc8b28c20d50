/**
 * `rebuild-analytics`: makes every span anew from the histories of the orders, after the computation has changed or where
 * orders are older than analytics. Workers may go on meanwhile: what they write later is newer and stays.
 */
import type { Models } from '../models/open.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { codeOf } from './command-line/exit.ts';
import { commandWith, onInterrupt } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, progress, say } from './command-line/terminal.ts';

const examples = `
  rebuild-analytics                         how many orders that would be
  rebuild-analytics --apply                 make their spans anew
  rebuild-analytics --apply --after ord_…   go on after the order that was told
`;

interface Options extends DatabaseOptions {
  after: string;
  apply?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const atOnce = 50;

const program = withDatabase(
  script('rebuild-analytics', {
    description: 'Makes the spans that analytics counts anew from the histories of all orders.',
    examples,
  }),
)
  .option('--after <id>', 'go on after this order', '')
  .option('--apply', 'write the spans; without it the orders are counted')
  .option('--json', 'one JSON object')
  .action((options: Options) => onDatabase(options, (models) => rebuild(models, options)));

async function rebuild(models: Models, options: Options): Promise<void> {
  const { after, apply, json, quiet } = options;
  const total = await models.orders.model.collection.countDocuments({ _id: { $gt: after as never } });
  const tell = (rebuilt: number) =>
    print(json ? `${JSON.stringify({ orders: total, rebuilt })}\n` : `${rebuilt} of ${total} orders rebuilt\n`);
  if (!apply) {
    await tell(0);
    return say(`Nothing was written. To rebuild them:\n  ${commandWith('--apply')}`);
  }
  const interrupt = onInterrupt('Finishing this chunk.');
  const shown = progress({ label: 'orders', total, ...(quiet && { quiet: true }) });
  const onChunk = (done: number) => {
    shown.at(done);
    return !interrupt.asked;
  };
  const { done, last } = await rebuildAll(models, { after, onChunk });
  shown.end();
  interrupt.dispose();
  await tell(done);
  if (!interrupt.asked) return;
  process.exitCode = codeOf('interrupted');
  say(`Stopped. To go on:\n  ./scripts/rebuild-analytics --apply --after ${last}`);
}

/** Rebuilds the orders whose id comes after `after`, for as long as `onChunk` says yes. */
async function rebuildAll(
  models: Models,
  { after, onChunk }: { after: string; onChunk: (done: number) => boolean },
): Promise<{ done: number; last: string }> {
  const { rebuildSpans } = await import('../workers/analytics.ts');
  let [done, last] = [0, after];
  for (;;) {
    const found = models.orders.model.collection.find({ _id: { $gt: last as never } }).sort({ _id: 1 });
    const ids = (await found.limit(atOnce).project({ _id: 1 }).toArray()).map(({ _id }) => String(_id));
    await Promise.all(ids.map((id) => rebuildSpans(id, models)));
    done += ids.length;
    last = ids.at(-1) ?? last;
    if (ids.length === 0 || !onChunk(done)) return { done, last };
  }
}

await run(program);
