/** A script that goes to the database itself: one connection, closed however the script ends. */
import { type Command, Option } from 'commander';
import type { Models } from '../../models/open.ts';
import { Failure } from './exit.ts';

export interface DatabaseOptions {
  mongodb: string;
  /** How long it may take to answer, in ms. */
  waitMs?: number;
}

export function withDatabase(command: Command): Command {
  return command.addOption(
    new Option('--mongodb <uri>', 'the database; with a password rather by the variable')
      .env('MONGODB_URI')
      .makeOptionMandatory(),
  );
}

/** The driver is loaded only now: a question for help need not wait for it. */
export async function onDatabase<T>(
  { mongodb, waitMs = 5_000 }: DatabaseOptions,
  act: (models: Models) => Promise<T>,
): Promise<T> {
  if (!/^mongodb(\+srv)?:\/\//.test(mongodb)) {
    throw new Failure('usage', 'Set the database as mongodb://… or mongodb+srv://… (MONGODB_URI).');
  }
  const [{ openModels }, { connectMongo }] = await Promise.all([
    import('../../models/open.ts'),
    import('../../runtime/mongo.ts'),
  ]);
  const production = process.env['NODE_ENV'] === 'production';
  const connection = await connectMongo(mongodb, { waitMs, production });
  try {
    return await act(openModels(connection));
  } finally {
    await connection.close();
  }
}
