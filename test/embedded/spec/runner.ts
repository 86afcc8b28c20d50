/**
 * Runs one test of the MongoDB drivers' unified test format against a server: sets its data, does its operations,
 * and compares results, errors, the commands that were sent, and the data left behind.
 */
import { EJSON } from 'bson';
import { type CommandStartedEvent, type Document, MongoBulkWriteError, MongoClient, MongoServerError } from 'mongodb';
import { difference } from './match.ts';
import { type Entities, runOperation } from './operations.ts';

export interface Outcome {
  result: 'passed' | 'failed' | 'skipped';
  why?: string | undefined;
}

const SERVER = { version: [7, 0, 0], topology: 'single' };

export async function runTest(uri: string, file: Document, test: Document): Promise<Outcome> {
  const unmet = [file['runOnRequirements'], test['runOnRequirements']].find((all) => all && !all.some(isMet));
  if (unmet) return { result: 'skipped', why: `needs ${EJSON.stringify(unmet)}` };
  if (test['skipReason']) return { result: 'skipped', why: test['skipReason'] };
  const plain = new MongoClient(uri);
  const events = new Map<string, CommandStartedEvent[]>();
  const entities = createEntities(uri, file['createEntities'] ?? [], events);
  try {
    for (const data of file['initialData'] ?? []) await fill(plain, data);
    for (const client of entities.clients.values()) await client.connect();
    for (const list of events.values()) list.length = 0;
    const why = (await runAll(entities, test)) ?? compareEvents(test, events) ?? (await compareData(plain, test));
    return why ? { result: 'failed', why } : { result: 'passed' };
  } finally {
    await plain
      .db('admin')
      .command({ configureFailPoint: 'failCommand', mode: 'off' })
      .catch(() => {});
    await Promise.all([plain, ...entities.clients.values()].map((client) => client.close()));
  }
}

function isMet({
  minServerVersion,
  maxServerVersion,
  topologies,
  serverless,
  auth,
  serverParameters,
}: Document): boolean {
  if (minServerVersion && compareVersions(minServerVersion) > 0) return false;
  if (maxServerVersion && compareVersions(maxServerVersion) < 0) return false;
  if (topologies && !topologies.includes(SERVER.topology)) return false;
  return serverless !== 'require' && !auth && !serverParameters;
}

function compareVersions(version: string): number {
  const parts = version.split('.').map(Number);
  for (const [i, own] of SERVER.version.entries()) {
    const order = (parts[i] ?? (i === 0 ? own : 0)) - own;
    if (order !== 0) return order;
  }
  return 0;
}

function createEntities(uri: string, specs: Document[], events: Map<string, CommandStartedEvent[]>): Entities {
  const entities: Entities = { clients: new Map(), databases: new Map(), collections: new Map() };
  for (const { client, database, collection } of specs) {
    if (client) {
      const made = new MongoClient(uri, { ...client.uriOptions, monitorCommands: true });
      const list: CommandStartedEvent[] = [];
      events.set(client.id, list);
      made.on('commandStarted', (event) => event.commandName !== 'configureFailPoint' && list.push(event));
      entities.clients.set(client.id, made);
    }
    if (database) {
      const made = entities.clients.get(database.client)?.db(database.databaseName, database.databaseOptions);
      if (made) entities.databases.set(database.id, made);
    }
    if (collection) {
      const made = entities.databases
        .get(collection.database)
        ?.collection(collection.collectionName, collection.collectionOptions);
      if (made) entities.collections.set(collection.id, made);
    }
  }
  return entities;
}

async function fill(client: MongoClient, { databaseName, collectionName, documents }: Document): Promise<void> {
  const db = client.db(databaseName);
  await db.collection(collectionName).drop();
  if (documents.length > 0) await db.collection(collectionName).insertMany(documents);
  else await db.createCollection(collectionName);
}

async function runAll(entities: Entities, { operations }: Document): Promise<string | undefined> {
  for (const operation of operations) {
    const why = await runOne(entities, operation);
    if (why) return `${operation.name}: ${why}`;
  }
  return undefined;
}

async function runOne(entities: Entities, operation: Document): Promise<string | undefined> {
  try {
    const result = await runOperation(entities, operation);
    if (operation['expectError']) return 'no error came';
    if (operation['expectResult'] === undefined || operation['ignoreResultAndError']) return undefined;
    return difference(operation['expectResult'], plainResult(result));
  } catch (error) {
    if (operation['ignoreResultAndError']) return undefined;
    if (!operation['expectError']) return `an unexpected error: ${String(error)}`;
    return differenceOfError(operation['expectError'], error as Error);
  }
}

function differenceOfError(expected: Document, error: Error): string | undefined {
  const server = error instanceof MongoServerError ? error : undefined;
  if (expected['isClientError'] && server) return `a client's error was expected, not ${error.message}`;
  if (expected['isClientError'] === false && !server) return `a server's error was expected, not ${error.message}`;
  const contains = expected['errorContains'];
  if (contains && !error.message.toLowerCase().includes(contains.toLowerCase()))
    return `the message is: ${error.message}`;
  if (expected['errorCode'] !== undefined && server?.code !== expected['errorCode'])
    return `the code is ${server?.code}`;
  if (expected['errorResponse']) return difference(expected['errorResponse'], server?.errorResponse);
  if (expected['expectResult'] && error instanceof MongoBulkWriteError)
    return difference(expected['expectResult'], plainResult(error.result));
  return undefined;
}

/** The driver's result classes keep some of their fields in getters. */
function plainResult(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || Array.isArray(result) || !('insertedCount' in result))
    return result;
  const { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount, upsertedIds, insertedIds } =
    result as Document;
  return { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedCount, upsertedIds, insertedIds };
}

function compareEvents({ expectEvents }: Document, events: Map<string, CommandStartedEvent[]>): string | undefined {
  for (const { client, events: expected } of expectEvents ?? []) {
    const started = expected.filter((event: Document) => event['commandStartedEvent']);
    const actual = events.get(client) ?? [];
    if (actual.length !== started.length) return `${actual.length} commands were sent, not ${started.length}`;
    for (const [i, { commandStartedEvent }] of started.entries()) {
      const { command, commandName, databaseName } = actual[i] as CommandStartedEvent;
      const { command: wanted = {}, ...rest } = commandStartedEvent;
      const why = difference(rest, { commandName, databaseName }) ?? difference(wanted, command);
      if (why) return `command ${i}: ${why}`;
    }
  }
  return undefined;
}

async function compareData(client: MongoClient, { outcome }: Document): Promise<string | undefined> {
  for (const { databaseName, collectionName, documents } of outcome ?? []) {
    const left = await client.db(databaseName).collection(collectionName).find().sort({ _id: 1 }).toArray();
    const expected = documents.map((document: Document) => ({ exactly: document }));
    const why = difference(
      expected,
      left.map((document) => ({ exactly: document })),
    );
    if (why) return `data left: ${why}`;
  }
  return undefined;
}
