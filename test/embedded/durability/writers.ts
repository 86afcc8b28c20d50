/**
 * Eight writers against a server that is killed without warning: each notes what was acknowledged, and after the
 * restart every noted write must be there, and each index must hold exactly what a scan finds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbedded } from '../../../embedded/start.ts';

const WRITERS = 8;

export interface Toll {
  kills: number;
  acknowledged: number;
  lost: number;
  disagreements: number;
  restartsMs: number[];
}

interface Counter {
  _id: string;
  n: number;
  tag: number;
}

export async function killAgainAndAgain({ kills, runMs }: { kills: number; runMs: number }): Promise<Toll> {
  const dir = await mkdtemp(join(tmpdir(), 'killed-'));
  const toll: Toll = { kills: 0, acknowledged: 0, lost: 0, disagreements: 0, restartsMs: [] };
  const noted = new Map<string, number>();
  try {
    for (; toll.kills <= kills; toll.kills++) {
      const began = performance.now();
      const server = await startEmbedded({ dir });
      toll.restartsMs.push(performance.now() - began);
      await check(server.uri, { noted, toll });
      if (toll.kills === kills) {
        await server.stop();
        break;
      }
      const ending = write(server.uri, noted);
      setTimeout(() => process.kill(server.pid, 'SIGKILL'), runMs + Math.random() * runMs);
      await ending;
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  toll.acknowledged = [...noted.values()].reduce((sum, n) => sum + n, 0);
  return toll;
}

async function write(uri: string, noted: Map<string, number>): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000, heartbeatFrequencyMS: 500 });
  const counters = client.db('kill').collection<Counter>('counters');
  await counters.createIndex({ tag: 1, n: -1 });
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, w) => {
      const _id = `w${w}`;
      try {
        for (let n = (noted.get(_id) ?? 0) + 1; ; n++) {
          await counters.updateOne({ _id }, { $max: { n }, $set: { tag: n % 7 } }, { upsert: true });
          noted.set(_id, n);
        }
      } catch {
        // The server is gone: what was not acknowledged may be there or not.
      }
    }),
  );
  await client.close();
}

async function check(uri: string, { noted, toll }: { noted: Map<string, number>; toll: Toll }): Promise<void> {
  const client = new MongoClient(uri);
  const counters = client.db('kill').collection<Counter>('counters');
  const all = await counters.find().hint({ $natural: 1 }).toArray();
  for (const [_id, n] of noted) {
    const kept = all.find((one) => one._id === _id)?.n ?? 0;
    if (kept < n) toll.lost += n - kept;
  }
  if (all.length > 0) {
    for (let tag = 0; tag < 7; tag++) {
      const byIndex = await counters.find({ tag }).hint('tag_1_n_-1').toArray();
      const byScan = all.filter((one) => one.tag === tag).sort((a, b) => b.n - a.n);
      if (JSON.stringify(byIndex.map(({ n }) => n)) !== JSON.stringify(byScan.map(({ n }) => n))) toll.disagreements++;
    }
  }
  await client.close();
}
