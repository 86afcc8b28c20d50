/** A database that belongs to one test file: connected when the file begins, dropped and left when it has ended. */
import mongoose from 'mongoose';
import { afterAll, inject } from 'vitest';
import { documentOptions } from '../../runtime/mongo.ts';
import { uniqueName } from './ids.ts';

/** Dropped even where a test failed; the name is unique, so that nothing depends on the drop. */
export async function freshDatabase(): Promise<mongoose.Connection> {
  const connection = await mongoose.createConnection(databaseUri(uniqueName('test')), documentOptions).asPromise();
  afterAll(async () => {
    await connection.dropDatabase();
    await connection.close();
  });
  return connection;
}

/** The shared server's address with another database name, for processes that connect by themselves. */
export function databaseUri(name: string): string {
  const uri = new URL(inject('mongoUri'));
  uri.pathname = `/${name}`;
  return uri.href;
}
