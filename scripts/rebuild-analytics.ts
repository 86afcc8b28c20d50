/**
 * `rebuild-analytics`: makes every span anew from the histories of the orders, after the computation has changed or where
 * orders are older than analytics. Workers may go on meanwhile: what they write later is newer and stays.
 */
import { Command, Option } from 'commander';
import { type Models, openModels } from '../models/open.ts';
import { connectMongo } from '../runtime/mongo.ts';
import { rebuildSpans } from '../workers/analytics.ts';

const atOnce = 50;

/** Rebuilds the orders whose id comes after `after`; tells of each chunk how many there were and where it ended. */
async function rebuildAll(
  models: Models,
  { after, onChunk }: { after: string; onChunk?: (done: number, last: string) => void },
): Promise<number> {
  let [done, last] = [0, after];
  for (;;) {
    const found = models.orders.model.collection.find({ _id: { $gt: last as never } }).sort({ _id: 1 });
    const ids = (await found.limit(atOnce).project({ _id: 1 }).toArray()).map(({ _id }) => String(_id));
    if (ids.length === 0) return done;
    await Promise.all(ids.map((id) => rebuildSpans(id, models)));
    done += ids.length;
    last = ids.at(-1) ?? last;
    onChunk?.(done, last);
  }
}

await new Command('rebuild-analytics')
  .description('Makes the spans that analytics counts anew from the histories of all orders.')
  .addOption(new Option('--mongodb <uri>', 'the database').env('MONGODB_URI').makeOptionMandatory())
  .option('--after <id>', 'go on after this order, the last that was told', '')
  .action(async ({ mongodb, after }: { mongodb: string; after: string }) => {
    const connection = await connectMongo(mongodb, { waitMs: 10_000 });
    const onChunk = (done: number, last: string) => process.stderr.write(`${done} orders, up to ${last}\n`);
    const done = await rebuildAll(openModels(connection), { after, onChunk });
    process.stdout.write(`${done} orders rebuilt\n`);
    await connection.close();
  })
  .parseAsync();
