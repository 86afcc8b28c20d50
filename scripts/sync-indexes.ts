/**
 * `sync-indexes`: the release step. It shows how the collections and indexes of the database differ from what the models
 * declare, and with `--apply` makes what is missing, before a new version starts. It drops only when told.
 */
import type { IndexDifference } from '../models/indexes.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { Failure } from './command-line/exit.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';

const examples = `
  sync-indexes                  show the difference, and change nothing
  sync-indexes --apply          make what is missing
  sync-indexes --apply --drop   also drop what is not declared, and make anew what is declared differently
`;

interface Options extends DatabaseOptions {
  apply?: boolean;
  drop?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const program = script('sync-indexes', {
  description: "Brings the database's collections and indexes to what the models declare.",
  examples,
});
withDatabase(program)
  .option('--apply', 'make what is missing; without it nothing is changed')
  .option('--drop', 'with --apply: drop what is not declared, or declared differently')
  .option('--json', 'the difference as one JSON object')
  .action((options: Options) =>
    // A release often starts together with its database.
    onDatabase({ ...options, waitMs: 30_000 }, ({ connection }) => sync(connection, options)),
  );

type Connection = Parameters<typeof import('../models/indexes.ts').indexDifferences>[0];

async function sync(connection: Connection, options: Options): Promise<void> {
  const { indexDifferences, makeIndexes, dropIndexes } = await import('../models/indexes.ts');
  const differences = await indexDifferences(connection);
  const hint = (line: string) => options.quiet || say(line);
  if (!options.apply) {
    await show(differences, options, false);
    if (differences.length > 0) hint(`Nothing was changed. To make what is missing:\n  ${commandWith('--apply')}`);
    return;
  }
  const changed = differences.filter((one) => one.changed.length > 0);
  if (changed.length > 0 && !options.drop) throw mustDrop(changed);
  if (options.drop) await dropIndexes(connection, differences);
  await makeIndexes(connection, differences);
  await show(differences, options, true);
  const left = options.drop ? [] : differences.filter(({ undeclared }) => undeclared.length > 0);
  if (left.length > 0) hint('Undeclared indexes were left; --drop removes them.');
  hint('Collections and indexes are as the models declare.');
}

const mustDrop = (changed: IndexDifference[]): Failure =>
  new Failure(
    'conflict',
    `Declared with other options than they have: ${changed
      .flatMap(({ collection, changed: names }) => names.map((name) => `${collection}.${name}`))
      .join(', ')}. They must be dropped to be made anew, and are missed meanwhile: give --drop. Nothing was changed.`,
  );

async function show(differences: IndexDifference[], { json }: Options, applied: boolean): Promise<void> {
  if (json) return print(`${JSON.stringify({ applied, differences })}\n`);
  for (const { collection, isNew, missing, changed, undeclared } of differences) {
    const lines = [
      ...(isNew ? ['  + the collection'] : []),
      ...missing.map((name) => `  + ${name}`),
      ...changed.map((name) => `  ~ ${name} (declared with other options)`),
      ...undeclared.map((name) => `  - ${name} (not declared)`),
    ];
    await print(`${collection}\n${lines.join('\n')}\n`);
  }
}

await run(program);
