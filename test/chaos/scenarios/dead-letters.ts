/** Many items die of one defect; when it is mended they are replayed, all at once and more than once. */
import { setTimeout as wait } from 'node:timers/promises';
import { system } from '../../../kernel/actor.ts';
import { systemClock } from '../../../kernel/time.ts';
import { openWork } from '../../../kernel/work.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import { quiesce, type World } from '../world.ts';

const many = 1_000;
const accounts = 20;
const prefix = 'replayed-';
const mine = { _id: { $regex: `^${prefix}` } as never };

async function anOrder(world: World): Promise<string> {
  const { body } = await world.load.create({ key: 'order-of-letters', title: 'One with many letters' });
  await quiesce(world);
  return (body as { order: { id: string } }).order.id;
}

async function addLetters({ models }: World, order: string): Promise<void> {
  const recipient = { name: 'Cleo', email: 'cleo@clients.example' };
  const payload = { template: 'setup-complete', order, recipient, data: {} };
  const items = Array.from({ length: many }, (_, n) => {
    const who = { actor: system, cause: 'worker', agency: 'north', account: `account${n % accounts}`, order } as const;
    const draft = { _id: `${prefix}${n}`, queue: 'notifications', kind: 'notify', schema: 1, payload, ...who };
    return openWork(draft, 'ready', systemClock.now());
  });
  await models.work.model.collection.insertMany(items as never);
}

/** Resolves to how many were still dead. */
async function replay({ apiUrl, secrets: { key } }: World, fingerprint: string): Promise<number> {
  const answer = await fetch(`${apiUrl}/v1/admin/dead-letters/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ fingerprint, reason: 'The defect is mended.' }),
  });
  return ((await answer.json()) as { changed: number }).changed ?? 0;
}

export const replayed: Scenario = {
  id: 'Q2',
  fault: `${many.toLocaleString('en')} items die of a defect; replayed too early, then after the fix three times at once`,
  threshold: 'one effect each; every replay in the audit; none dead or lost',
  recoverWithin: 120,
  async run(world) {
    const { models, workers, mailbox } = world;
    const items = models.work.model.collection;
    const allDead = () =>
      eventually(async () => (await items.countDocuments({ ...mine, state: 'dead' })) === many, {
        within: 180_000,
        every: 500,
      });
    const order = await anOrder(world);
    for (const worker of workers) {
      await worker.kill(false);
      await worker.start({ preload: ['defect.ts'] });
    }
    await addLetters(world, order);
    await allDead();
    const [group] = (await items
      .aggregate([{ $match: { ...mine, state: 'dead' } }, { $group: { _id: '$failure.fingerprint' } }])
      .toArray()) as { _id: string }[];
    const cause = group?._id ?? '';
    // Too early: the first of them die again.
    const [one] = await items
      .find({ ...mine, state: 'dead' })
      .limit(1)
      .toArray();
    await items.updateOne({ _id: one?._id as never }, { $set: { 'failure.fingerprint': 'f'.repeat(16) } });
    const early = await replay(world, 'f'.repeat(16));
    await allDead();
    for (const worker of workers) {
      await worker.stop();
      await worker.start();
    }
    const changed = await Promise.all([replay(world, cause), replay(world, cause), replay(world, cause)]);
    const endedAt = performance.now();
    await eventually(async () => (await items.countDocuments({ ...mine, state: 'done' })) === many, {
      within: 120_000,
      every: 500,
    });
    await wait(200);
    const again = await replay(world, cause);
    await quiesce(world);
    const sent = mailbox.ledger.entries.filter(({ key }) => key.startsWith(prefix)).length;
    const lines = await models.audit.model.collection.countDocuments({ stream: 'queue.notifications' });
    const sum = changed.reduce((total, count) => total + count, 0);
    return {
      endedAt,
      note: `${early} replayed too early, ${changed.join(' + ')} after the fix, ${again} afterwards; ${sent} letters, ${lines} lines in the audit`,
      missed: [
        ...(early === 1 ? [] : [`${early} were replayed too early`]),
        ...(sum === many ? [] : [`${sum} were opened again`]),
        ...(again === 0 ? [] : [`${again} were opened again when none was dead`]),
        ...(sent === many ? [] : [`${sent} letters for ${many} items`]),
        ...(lines >= 2 ? [] : ['the audit does not tell of the replays']),
      ],
    };
  },
};
