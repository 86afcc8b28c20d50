/** Greeting, databases and collections, and what tools ask about a server. `buildInfo` says what this is. */
import { Binary } from 'bson';
import { type Doc, encode, MAX_DOCUMENT } from './codec.ts';
import { type Command, collectionOf, ensureCollection, namespaceOf, type Request } from './command.ts';
import { openCursor } from './cursors.ts';
import { CommandError, unsupported } from './errors.ts';
import { configureFailPoint } from './failpoint.ts';
import { compileFilter } from './filter.ts';
import { type Collection, dropCollection } from './store.ts';
import { MAX_MESSAGE, type Reply } from './wire.ts';

const ok = () => ({ ok: 1 });
const GREETING: Command = { fields: '*', run: hello };

export const ADMIN_COMMANDS: Record<string, Command> = {
  hello: GREETING,
  isMaster: GREETING,
  ismaster: GREETING,
  ping: { fields: '', run: ok },
  endSessions: { fields: '', run: ok },
  refreshSessions: { fields: '', run: ok },
  buildInfo: { fields: '', run: buildInfo },
  buildinfo: { fields: '', run: buildInfo },
  serverStatus: { fields: '*', run: serverStatus },
  setParameter: { fields: 'ttlMonitorSleepSecs', run: setParameter },
  configureFailPoint: { fields: 'mode data', run: ({ server, command }) => configureFailPoint(server, command) },
  listDatabases: { fields: 'filter nameOnly authorizedDatabases', run: listDatabases },
  listCollections: { fields: 'filter nameOnly authorizedCollections cursor', run: listCollections },
  create: {
    fields:
      'capped validator viewOn pipeline timeseries collation expireAfterSeconds clusteredIndex storageEngine indexOptionDefaults changeStreamPreAndPostImages encryptedFields autoIndexId size max validationLevel validationAction',
    writes: true,
    run: create,
  },
  drop: { fields: '', writes: true, run: drop },
  dropDatabase: { fields: '', writes: true, run: dropDatabase },
};

function hello(): Doc {
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: MAX_DOCUMENT,
    maxMessageSizeBytes: MAX_MESSAGE,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
    ok: 1,
  };
}

function buildInfo(): Doc {
  return {
    version: '7.0.0',
    versionArray: [7, 0, 0, 0],
    gitVersion: 'embedded',
    modules: ['embedded: a small MongoDB-compatible server for trials and tests, not MongoDB'],
    storageEngines: ['lmdb'],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT,
    ok: 1,
  };
}

function serverStatus({ server }: Request): Doc {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    host: server.address,
    version: '7.0.0',
    process: 'embedded',
    pid: process.pid,
    uptime: (performance.now() - server.startedAt) / 1000,
    connections: { current: server.connections() },
    metrics: { cursor: { open: { total: server.cursors.open.size } } },
    mem: { resident: Math.round(rss / 1048576), heap: Math.round(heapUsed / 1048576) },
    storageEngine: { name: 'lmdb', persistent: true },
    ok: 1,
  };
}

function setParameter({ server, command }: Request): Doc {
  const seconds = command['ttlMonitorSleepSecs'];
  if (typeof seconds !== 'number' || seconds < 1)
    throw new CommandError(72, 'only ttlMonitorSleepSecs, at least 1, can be set here');
  server.setTtlPeriod(seconds);
  return { ok: 1 };
}

function listDatabases({ store, command }: Request): Doc {
  const filter = compileFilter(command['filter'] ?? {});
  const names = [...new Set([...store.collections.values()].map(({ db }) => db))].sort();
  const databases = names.map((name) => ({ name, sizeOnDisk: 1, empty: false })).filter((one) => filter.test(one));
  if (command['nameOnly']) return { databases: databases.map(({ name }) => ({ name })), ok: 1 };
  return { databases, totalSize: databases.length, totalSizeMb: 0, ok: 1 };
}

function listCollections(request: Request): Reply {
  const { store, db, command, server } = request;
  const filter = compileFilter(command['filter'] ?? {});
  const infos = [...store.collections.values()]
    .filter((collection) => collection.db === db)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((collection) => infoOf(collection))
    .filter((info) => filter.test(info))
    .map((info) => (command['nameOnly'] ? { name: info['name'], type: info['type'] } : info));
  const batchSize = (command['cursor'] as Doc | undefined)?.['batchSize'] as number | undefined;
  const documents = infos.map((info) => encode(info)).values();
  return openCursor(server.cursors, { ns: `${db}.$cmd.listCollections`, documents, batchSize });
}

function infoOf({ name, options, uuid }: Collection): Doc {
  const info = { readOnly: false, uuid: new Binary(Buffer.from(uuid.replaceAll('-', ''), 'hex'), 4) };
  return { name, type: 'collection', options, info, idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } };
}

function create(request: Request): Doc {
  const { command, store } = request;
  const { ns } = namespaceOf(request);
  const given = Object.keys(command).filter((key) => command[key] && CREATE_REFUSED.includes(key));
  if (given.length > 0) throw unsupported(`create with ${given.join(', ')}`, 72);
  if (store.collections.has(ns)) throw new CommandError(48, `Collection ${ns} already exists.`);
  ensureCollection(request);
  return { ok: 1 };
}

const CREATE_REFUSED =
  'capped validator viewOn pipeline timeseries collation clusteredIndex changeStreamPreAndPostImages encryptedFields expireAfterSeconds'.split(
    ' ',
  );

function drop(request: Request): Doc {
  const collection = collectionOf(request);
  if (!collection) return { ok: 1 };
  dropCollection(request.store, collection);
  return { nIndexesWas: collection.indexes.length, ns: namespaceOf(request).ns, ok: 1 };
}

function dropDatabase({ store, db }: Request): Doc {
  const mine = [...store.collections.values()].filter((collection) => collection.db === db);
  for (const collection of mine) dropCollection(store, collection);
  return { ...(mine.length > 0 ? { dropped: db } : {}), ok: 1 };
}
