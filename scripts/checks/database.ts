/** The database: reached, which kind, new enough, writing durably, in time with us, and with the indexes we declare. */
import type { Connection } from 'mongoose';
import { indexDifferences } from '../../models/indexes.ts';
import { openModels } from '../../models/open.ts';
import { maskedAddress } from '../../runtime/masked-config.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import { clocks, type Finding, fault, messageOf, ok, warning } from './finding.ts';

export async function checkDatabase(uri: string, production: boolean): Promise<Finding[]> {
  let connection: Connection | undefined;
  try {
    connection = await connectMongo(uri, { waitMs: 3_000 });
    return await findingsOf(connection, production);
  } catch (error) {
    const said = messageOf(error);
    const cure = /auth|not authorized/i.test(said)
      ? 'Correct the user and password in MONGODB_URI; the user needs readWrite on the database.'
      : 'Start MongoDB, or correct MONGODB_URI.';
    return [fault('database', `${maskedAddress(uri)} does not answer: ${said}`, cure)];
  } finally {
    await connection?.close();
  }
}

async function findingsOf(connection: Connection, production: boolean): Promise<Finding[]> {
  const db = connection.db;
  if (!db) return [fault('database', 'the connection has no database', 'Name one in MONGODB_URI.')];
  const asked = Date.now();
  const hello = await db.command({ hello: 1 });
  const answered = Date.now();
  const build = await db.command({ buildInfo: 1 });
  const there = hello['localTime'] instanceof Date ? hello['localTime'].getTime() : asked;
  return [
    kindOf({ hello, build, production }),
    writableOf(hello),
    clocks('database clock', { asked, there, answered }),
    await indexesOf(connection),
  ];
}

type Answer = Record<string, unknown>;

function kindOf({ hello, build, production }: { hello: Answer; build: Answer; production: boolean }): Finding {
  const version = String(build['version'] ?? 'unknown');
  const isTrial = build['gitVersion'] === 'embedded';
  if (isTrial && production) {
    return fault(
      'database',
      'the embedded server, in production',
      'It is for trials and tests only. Use a MongoDB server.',
    );
  }
  const kind = isTrial
    ? 'the embedded server, for trials and tests'
    : hello['msg'] === 'isdbgrid'
      ? 'a sharded cluster'
      : hello['setName']
        ? `the replica set ${hello['setName']}`
        : 'a single server';
  if (Number.parseInt(version, 10) < 6)
    return fault('database', `${kind}, version ${version}`, 'Use MongoDB 6 or newer.');
  if (production && kind === 'a single server') {
    return warning('database', `${kind}, version ${version}`, 'A replica set survives the loss of a machine.');
  }
  return ok('database', `${kind}, version ${version}`);
}

function writableOf(hello: Answer): Finding {
  const check = 'database writes';
  if (hello['isWritablePrimary'] !== true) {
    return fault(check, 'this server takes no writes', 'Name the whole replica set in MONGODB_URI, not a secondary.');
  }
  return ok(check, 'acknowledged by the majority, and journalled');
}

async function indexesOf(connection: Connection): Promise<Finding> {
  openModels(connection);
  const differences = await indexDifferences(connection);
  const missing = differences.flatMap((one) => [...one.missing, ...one.changed]).length;
  const isEmpty = differences.length > 0 && differences.every(({ isNew }) => isNew);
  if (missing === 0) return ok('indexes', 'as the models declare');
  const says = isEmpty ? 'the database is new' : `${missing} are missing or declared differently`;
  return fault('indexes', says, 'Run ./scripts/sync-indexes, then again with --apply.');
}
