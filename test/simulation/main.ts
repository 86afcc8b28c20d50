/** `npm run simulate -- --seeds 200 [--from 1] [--seed 7] [--without "guard"]`: any number of runs by hand; a seed replays. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import mongoose from 'mongoose';
import { openModels, syncIndexes } from '../../models/open.ts';
import { documentOptions } from '../../runtime/mongo.ts';
import { findDatabase } from '../../scripts/servers/database.ts';
import { guards } from './guards.ts';
import { simulate } from './simulate.ts';

const options = new Command('simulate')
  .option('--seeds <n>', 'how many runs', '200')
  .option('--from <seed>', 'the first seed', '1')
  .option('--seed <seed>', 'only this one, with its trace')
  .option('--without <guard>', 'take a guard out (part of its name): the run must then find something')
  .parse()
  .opts<{ seeds: string; from: string; seed?: string; without?: string }>();

const dir = await mkdtemp(join(tmpdir(), 'orderworks-simulate-'));
const database = await findDatabase({ dir, sync: false });
process.stdout.write(`Database: ${database.kind} — ${database.why}\n`);
const connection = await mongoose
  .createConnection(database.uri, { ...documentOptions, dbName: 'simulation' })
  .asPromise();
const whole = openModels(connection);
await syncIndexes(whole);

const guard = guards.find(({ name }) => options.without !== undefined && name.includes(options.without));
const models = guard ? guard.without(whole) : whole;
const from = Number(options.seed ?? options.from);
const count = options.seed ? 1 : Number(options.seeds);
let red = 0;
let steps = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const run = await (guard?.run ?? simulate)(models, seed);
  steps += run.steps;
  if (options.seed) process.stdout.write(`${run.trace.join('\n')}\n`);
  if (run.faults.length > 0) {
    red += 1;
    process.stdout.write(`seed ${seed}: ${run.faults.join('; ')}\n`);
  }
}
process.stdout.write(`${count - red} passed, ${red} failed\n${steps} steps${guard ? ` without ${guard.name}` : ''}\n`);

await connection.close();
await database.stop();
await rm(dir, { recursive: true, force: true });
process.exitCode = red > 0 ? 1 : 0;
