/** Whose turn it is: what the dispatcher nudges, account by account, on a real Redis whose jobs nobody takes. */
import { Queue } from 'bullmq';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { system } from '../../kernel/actor.ts';
import { systemClock } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import { openModels, syncIndexes } from '../../models/open.ts';
import { window } from '../../models/room.ts';
import { createNudger } from '../../queues/nudger.ts';
import { createLog } from '../../runtime/log.ts';
import { connectProducer } from '../../runtime/redis.ts';
import { admit } from '../../workers/machine/admit.ts';
import type { Context } from '../../workers/machine/context.ts';
import { freshDatabase } from '../support/mongo.ts';
import { freshRedis } from '../support/redis.ts';

const { url, prefix } = freshRedis();
const models = openModels(await freshDatabase());
await syncIndexes(models);
const work = models.work.model.collection;
const log = createLog('test', 'silent');
const nudger = createNudger({ connection: connectProducer(url, log), prefix });
const context = { models, nudger, clock: systemClock, log } as unknown as Context;
const jobs = new Queue('setup', { connection: { url }, prefix });
let run = 0;

beforeEach(async () => {
  await work.deleteMany({});
  await jobs.obliterate();
});

afterAll(async () => {
  await jobs.close();
  await nudger.close();
});

/** So many ready items for each account. */
async function given(backlog: Record<string, number>): Promise<void> {
  run += 1;
  const drafts = Object.entries(backlog).flatMap(([account, count]) =>
    Array.from({ length: count }, (_, n) => ({ account, _id: `${run}-${account}-${n}` })),
  );
  const rest = { queue: 'setup', kind: 'command', schema: 1, payload: {}, actor: system, cause: 'worker' as const };
  const items = drafts.map((own) => openWork({ ...rest, ...own, agency: 'north' }, 'ready', systemClock.now()));
  if (items.length > 0) await work.insertMany(items as never);
}

async function nudged(): Promise<Record<string, number>> {
  return Object.fromEntries(await models.work.nudgedByAccount('setup'));
}

const finish = () => work.updateMany({ phase: 'nudged' }, { $set: { state: 'done' } });

describe('the dispatcher', () => {
  test('nudges what many accounts wait for in one turn, each with a job', async () => {
    await given(Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`a${n}`, 3])));
    expect(await admit(new Map(), context)).toBe(true);
    expect(Object.values(await nudged()).reduce((sum, count) => sum + count, 0)).toBe(450);
    expect(await jobs.getWaitingCount()).toBe(450);
    expect(await admit(new Map(), context)).toBe(false);
  });

  test('leaves an account that has much to do inside its window, and serves those after it', async () => {
    await given({ big: 350, last: 2 });
    const cursors = new Map<string, string>();
    await admit(cursors, context);
    await admit(cursors, context);
    expect(await nudged()).toEqual({ big: window.account, last: 2 });
  });

  test('goes on after the account that was served last when the window of the queue was full', async () => {
    const accounts = Array.from({ length: 12 }, (_, n) => `a${10 + n}`);
    await given(Object.fromEntries(accounts.map((account) => [account, 200])));
    const cursors = new Map<string, string>();
    await admit(cursors, context);
    expect(Object.keys(await nudged()).sort()).toEqual(accounts.slice(0, 10));
    await finish();
    await admit(cursors, context);
    expect(Object.keys(await nudged()).sort()).toContain('a21');
  });

  test('never fills a window beyond its size, and nudges everything in the end', async () => {
    const backlog = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 130 }), {
      maxKeys: 15,
    });
    await fc.assert(
      fc.asyncProperty(backlog, async (counts) => {
        await work.deleteMany({});
        await given(counts);
        const cursors = new Map<string, string>();
        for (let turns = 0; turns < 20 && (await work.findOne({ phase: 'ready' })); turns += 1) {
          await admit(cursors, context);
          const now = Object.values(await nudged());
          expect(Math.max(0, ...now)).toBeLessThanOrEqual(window.account);
          expect(now.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(window.queue);
          await finish();
        }
        expect(await work.countDocuments({ phase: 'ready' })).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});
