/**
 * `replay`: dead letters from a terminal. Exit codes: 0 done, 1 nothing was there to be done, 2 wrong usage. Every
 * intervention takes a reason and a name, and both stay in the audit.
 */
import { Command, CommanderError, Option } from 'commander';

const examples = `Examples:
  replay list                                               causes, and the orders they hold up
  replay group 0123456789abcdef --reason "fixed in 1.4.2"   try everything of one cause again
  replay item 01J… --reason "vendor is back"                try one again
  replay discard 0123456789abcdef --reason "test orders"    give everything of one cause up
`;

interface Options {
  mongodb: string;
  json?: boolean;
  reason: string;
  as: string;
}

const program = new Command('replay')
  .description('Looks at what could not be carried out, and tries it again or gives it up.')
  .addHelpText('beforeAll', examples)
  .exitOverride();

const uri = new Option('--mongodb <uri>', 'the database').env('MONGODB_URI').makeOptionMandatory();
const asked = (name: string, what: string) =>
  program
    .command(name)
    .description(what)
    .addOption(uri)
    .option('--json', 'print JSON')
    .requiredOption('--reason <sentence>', 'why; it is kept')
    .option('--as <name>', 'who; it is kept', 'terminal');

program
  .command('list')
  .description('causes, most frequent first')
  .addOption(uri)
  .option('--json', 'print JSON')
  .action((options: Options) => run(options, list));
asked('group <fingerprint>', 'try a whole cause again').action((cause: string, options: Options) =>
  run(options, (models) => intervene(models, { cause, action: 'replay', options })),
);
asked('item <id>', 'try one item again').action((id: string, options: Options) =>
  run(options, (models) => intervene(models, { id, action: 'replay', options })),
);
asked('discard <fingerprint>', 'give a whole cause up').action((cause: string, options: Options) =>
  run(options, (models) => intervene(models, { cause, action: 'discard', options })),
);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}

type Models = Awaited<ReturnType<typeof opened>>['models'];

/** Only now: a question for help need not wait for the driver. */
async function opened(mongodb: string) {
  const [{ openModels }, { connectMongo }] = await Promise.all([
    import('../models/open.ts'),
    import('../runtime/mongo.ts'),
  ]);
  const connection = await connectMongo(mongodb, { waitMs: 5_000 });
  return { models: openModels(connection), connection };
}

async function run({ mongodb, json }: Options, act: (models: Models) => Promise<{ found: object; words: string }>) {
  const { models, connection } = await opened(mongodb);
  try {
    const { found, words } = await act(models);
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : words);
  } finally {
    await connection.close();
  }
}

async function list({ deadLetters }: Models) {
  const found = await deadLetters.groups({}, 200);
  const words = found.map(
    ({ fingerprint, count, queue, kind, message, held, orders }) =>
      `${fingerprint}  ${count} × ${queue}/${kind}, ${held} orders wait\n    ${message}\n    ${orders.join(' ')}\n`,
  );
  return { found, words: words.join('') || 'Nothing is dead.\n' };
}

interface Asked {
  action: 'replay' | 'discard';
  options: Options;
  cause?: string;
  id?: string;
}

async function intervene({ deadLetters }: Models, { action, options, cause, id }: Asked) {
  const one = id === undefined ? null : await deadLetters.get({}, id);
  const items = cause === undefined ? (one ? [one] : []) : await deadLetters.of({}, cause, 10_000);
  const actor = { type: 'staff' as const, id: options.as };
  const changed = await deadLetters.intervene(items, { action, actor, reason: options.reason, at: new Date() });
  process.exitCode = changed > 0 ? 0 : 1;
  return { found: { changed }, words: `${changed} items: ${action}.\n` };
}
