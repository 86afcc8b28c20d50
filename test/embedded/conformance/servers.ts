/**
 * The servers that a conformance case runs on: an embedded one, and a real MongoDB where there is one (MONGODB_URI, or
 * a mongod of this machine). `both` gives a case to each and compares the answers, so that neither is just believed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EJSON } from 'bson';
import { type Collection, type Db, type Document, MongoClient, MongoServerError } from 'mongodb';
import { beforeAll, expect } from 'vitest';
import { startEmbedded } from '../../../embedded/start.ts';
import { cachedMongod, startMongod, systemMongod } from '../../../scripts/servers/mongod.ts';

export interface Subject {
  uri: string;
  db: Db;
  docs: Collection<Document & { _id: unknown }>;
}

interface Server {
  uri: string;
  client: MongoClient;
  stop(): Promise<void>;
}

const servers: Server[] = [];
let cases = 0;

export function useServers(): void {
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'conformance-'));
    const embedded = await startEmbedded({ dir: join(dir, 'embedded'), sync: false });
    servers.push({ uri: embedded.uri, client: new MongoClient(embedded.uri), stop: () => embedded.stop() });
    const real = await realServer(join(dir, 'mongod'));
    if (real) servers.push({ uri: real.uri, client: new MongoClient(real.uri), stop: () => real.stop() });
    return async () => {
      await Promise.all(servers.map(({ client }) => client.close()));
      await Promise.all(servers.splice(0).map(({ stop }) => stop()));
      await rm(dir, { recursive: true, force: true });
    };
  });
}

/** What the case answers, the same on every server there is; a server's refusal is an answer too. */
export async function both(run: (subject: Subject) => Promise<unknown>): Promise<unknown> {
  const answers: string[] = [];
  const name = `conformance_${process.pid}_${++cases}`;
  for (const { uri, client } of servers) {
    const db = client.db(name);
    const answer = await run({ uri, db, docs: db.collection('docs') }).catch(refusal);
    answers.push(EJSON.stringify(answer ?? null, { relaxed: true }));
    await db.dropDatabase();
  }
  for (const answer of answers) expect(answer).toBe(answers[0]);
  return EJSON.parse(answers[0] ?? 'null', { relaxed: true });
}

/** The documents that a filter finds, by their ids. */
export async function idsOf(docs: Document[], filter: Document): Promise<unknown> {
  return both(async (subject) => {
    await subject.docs.insertMany(docs as never);
    const found = await subject.docs
      .find(filter as never)
      .sort({ _id: 1 })
      .toArray();
    return found.map(({ _id }) => _id);
  });
}

/** A document after an update. */
export async function updated(
  before: Document,
  update: Document | Document[],
  options: Document = {},
  filter: Document = {},
): Promise<unknown> {
  return both(async ({ docs }) => {
    await docs.insertOne({ _id: 1, ...before } as never);
    await docs.updateOne({ _id: 1, ...filter } as never, update as never, options);
    const { _id: _, ...rest } = (await docs.findOne({ _id: 1 } as never)) as Document;
    return rest;
  });
}

/** The index that a plan uses, by its name; COLLSCAN where it uses none. */
export function indexOf({ queryPlanner }: Document): unknown {
  let stage: Document = queryPlanner.winningPlan.queryPlan ?? queryPlanner.winningPlan;
  while (stage['inputStage'] && !stage['indexName']) stage = stage['inputStage'];
  return (
    stage['indexName'] ?? (stage['stage'] === 'EXPRESS_IXSCAN' || stage['stage'] === 'IDHACK' ? '_id_' : stage['stage'])
  );
}

function refusal(error: unknown): { code: unknown } {
  if (error instanceof MongoServerError) return { code: error.code };
  throw error;
}

async function realServer(dir: string) {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: given, stop: async () => {} };
  const binary = systemMongod() ?? (await cachedMongod());
  return binary ? startMongod(binary, dir) : undefined;
}
