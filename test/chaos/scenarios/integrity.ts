/** Harm to the data themselves: history that somebody changed, and jobs that nobody of ours made. */

import { setTimeout as wait } from 'node:timers/promises';
import { system } from '../../../kernel/actor.ts';
import { systemClock } from '../../../kernel/time.ts';
import { openWork } from '../../../kernel/work.ts';
import type { AuditLine } from '../../../models/audit.ts';
import { checkAudit } from '../../../scripts/audit-check.ts';
import { eventually } from '../../support/eventually.ts';
import { othersKeep, paceOf } from '../means.ts';
import type { Scenario } from '../scenario.ts';
import { quiesce, type World } from '../world.ts';

type Lines = World['models']['audit']['model']['collection'];

const tamperings: Record<string, (lines: Lines, all: AuditLine[]) => Promise<unknown>> = {
  edit: (lines, [, line]) => lines.updateOne({ _id: line?._id as never }, { $set: { action: 'another' } }),
  delete: (lines, [, line]) => lines.deleteOne({ _id: line?._id as never }),
  reorder: async (lines, [first, second]) => {
    for (const [to, from] of [
      [first, second],
      [second, first],
    ]) {
      const { _id, ...rest } = from as AuditLine;
      await lines.replaceOne({ _id: to?._id as never }, { ...rest, seq: -(to?.seq ?? 0) } as never);
    }
  },
  insert: (lines, all) => {
    const last = all.at(-1) as AuditLine;
    return lines.insertOne({ ...last, _id: `${last.stream}:${last.seq + 1}`, seq: last.seq + 1 } as never);
  },
  truncate: (lines, all) => lines.deleteOne({ _id: all.at(-1)?._id as never }),
};

export const tampered: Scenario = {
  id: 'A1',
  fault: 'a line of the audit edited, deleted, exchanged, inserted, cut off at the end',
  threshold: '5 of 5 found, the first bad line named',
  recoverWithin: 30,
  async run(world) {
    const { load, models } = world;
    load.begin({ perSecond: 4, most: 8 });
    await wait(2_000);
    await load.end(60_000);
    await quiesce(world);
    const lines = models.audit.model.collection;
    const longest = { $match: {} };
    const [{ _id: stream } = { _id: '' }] = await lines
      .aggregate<{ _id: string }>([
        longest,
        { $group: { _id: '$stream', n: { $sum: 1 } } },
        { $sort: { n: -1 } },
        { $limit: 1 },
      ])
      .toArray();
    const before = (await lines.find({ stream }).sort({ seq: 1 }).toArray()) as unknown as AuditLine[];
    const missed: string[] = [];
    const named: string[] = [];
    for (const [name, tamper] of Object.entries(tamperings)) {
      await tamper(lines, before);
      const { faults } = await checkAudit(models);
      if (faults[0]?.stream !== stream) missed.push(`${name} was not found`);
      else named.push(`${name}: ${faults[0].kind} at line ${faults[0].seq}`);
      await lines.deleteMany({ stream });
      await lines.insertMany(before as never);
    }
    if ((await checkAudit(models)).faults.length > 0) missed.push('faults were found where there were none');
    return { endedAt: performance.now(), note: named.join(', '), missed };
  },
};

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const junk: Record<string, string> = {
  'not-json': '{oops',
  'no-object': 'null',
  'no-work': '{"work":"nobody-knows-me"}',
  operator: '{"work":{"$gt":""}}',
  prototype: '{"__proto__":{"work":"x"},"constructor":1}',
  deep: `{"work":"x","deep":${deep}}`,
  large: `{"work":"x","large":"${'x'.repeat(20 * 1024 * 1024)}"}`,
  surrogate: '{"work":"\\ud800"}',
};

/** Words that would break a queue as the id of a job, and objects as the name of a field. */
const reserved = ['completed', 'prioritized', 'stalled-check', '__proto__', 'constructor'];
const payloads = [{}, { order: 1 }, { order: 'x', command: { type: 'nonsense' } }, { order: 'x', command: null }];
const warmUp = 8_000;
const rounds = 3;

async function addJunk({ client, prefix }: World): Promise<void> {
  for (const [name, data] of Object.entries(junk)) {
    const fields = { name: 'command', data, opts: '{"attempts":5}', timestamp: '1', delay: '0', priority: '0' };
    await client.hset(`${prefix}:setup:${name}`, fields);
    await client.lpush(`${prefix}:setup:wait`, name);
  }
}

/** The foreign jobs that are neither gone nor finished. */
async function junkLeft({ client, prefix }: World): Promise<string[]> {
  const there = Object.keys(junk).map(async (name) => {
    const key = `${prefix}:setup:${name}`;
    return (await client.exists(key)) === 1 && (await client.hget(key, 'finishedOn')) === null;
  });
  const isThere = await Promise.all(there);
  return Object.keys(junk).filter((_, index) => isThere[index]);
}

async function addWrongItems({ models }: World): Promise<void> {
  const who = { actor: system, cause: 'worker', agency: 'north', account: 'account1' } as const;
  const draft = { queue: 'setup', kind: 'command', schema: 1, ...who };
  for (const [n, payload] of payloads.entries())
    await models.work.insert(openWork({ ...draft, _id: `wrong-${n}`, payload }, 'ready', systemClock.now()));
}

export const poisoned: Scenario = {
  id: 'Q1',
  alone: true,
  fault:
    'foreign jobs in Redis: not JSON, no object, unknown, operators, 10,000 deep, 20 MB; items whose payload does not parse; reserved words as keys and titles',
  threshold: 'every good job done; the bad ones gone or dead after ≤ 3 rounds; others keep ≥ 80 % of their throughput',
  recoverWithin: 60,
  async run(world) {
    const { load, models } = world;
    load.begin({ perSecond: 2 });
    await wait(warmUp);
    const from = performance.now();
    await wait(warmUp);
    const begun = performance.now();
    await addJunk(world);
    await addWrongItems(world);
    const odd = await Promise.all(reserved.map((word) => load.create({ key: word, title: word, product: 'seo' })));
    await wait(warmUp);
    const endedAt = performance.now();
    const others = othersKeep(await paceOf(world, from, begun), await paceOf(world, begun, endedAt));
    const clean = async () => (await junkLeft(world)).length === 0;
    const isClean = await eventually(clean, { within: 60_000, every: 500 }).then(
      () => true,
      () => false,
    );
    await load.end(30_000);
    await quiesce(world);
    const wrong = { _id: { $regex: '^wrong-' } as never };
    const dead = await models.work.model.collection.find({ ...wrong, state: 'dead' }).toArray();
    const most = Math.max(...dead.map(({ generation }) => Number(generation)));
    return {
      endedAt,
      note: `${Object.keys(junk).length} foreign jobs, ${dead.length} of ${payloads.length} wrong items dead in round ${most}; ${others.note}`,
      missed: [
        ...(isClean ? [] : [`still in the queue: ${(await junkLeft(world)).join(', ')}`]),
        ...(dead.length === payloads.length && most <= rounds ? [] : ['a wrong item is not dead after three rounds']),
        ...(odd.every(({ status }) => status === 202) ? [] : ['a reserved word was refused']),
        ...others.missed,
      ],
    };
  },
  expects: ({ kind, what }) => kind === 'dead' && (what.startsWith('wrong-') || what.startsWith('foreign-')),
};
