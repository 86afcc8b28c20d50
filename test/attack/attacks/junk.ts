/** Jobs that nobody of ours made, in every queue: data and options that cannot be read, or should not be. */
import { Queue } from 'bullmq';
import { newId } from '../../../kernel/ids.ts';
import { systemClock } from '../../../kernel/time.ts';
import { queues } from '../../../queues/index.ts';
import { signCommand } from '../../../queues/intake.ts';
import { eventually } from '../../support/eventually.ts';
import { harmless, place, poison } from '../../support/junk.ts';
import type { Attack } from '../attack.ts';
import { naughty } from '../naughty.ts';
import type { Stage } from '../stage.ts';

const within = 90_000;
const strangers = 2_000;
const all = [...poison, ...harmless];

/** Commands with a good signature and bad contents, and contents without any signature. */
async function intakeJobs({ world: { models }, share, random }: Stage): Promise<unknown[]> {
  const shop = { name: 'Shop', type: 'service', role: 'order_admin', agency: 'north' } as const;
  const { key } = await models.apiKeys.issue(shop, systemClock.now());
  const client = { name: 'Cleo', email: 'cleo@clients.example' };
  const sold = { type: 'create-order', product: 'listings', tier: 'basic', source: 'store', client } as const;
  const signed = naughty.map((title) => ({
    ...signCommand(key, { id: newId(), account: 'account0', command: { ...sold, title: 'Fine' } }),
    command: { ...sold, title },
  }));
  const odd = () => naughty[Math.floor(random() * naughty.length)] ?? '';
  const unsigned = Array.from({ length: strangers * share }, () => ({ key: odd(), [odd()]: odd(), command: odd() }));
  return [...signed, ...unsigned, null, [], 1, JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)];
}

/** The jobs that are still somewhere where somebody may take them up. */
async function left({ world: { client, prefix } }: Stage): Promise<string[]> {
  const names = new Set(all.map(([name]) => name));
  const found = [...Object.keys(queues), 'intake'].map(async (queue) => {
    const lists = ['wait', 'active'].map((list) => client.lrange(`${prefix}:${queue}:${list}`, 0, -1));
    const waiting = (await Promise.all(lists)).flat();
    return waiting.filter((job) => queue === 'intake' || names.has(job)).map((job) => `${queue}:${job}`);
  });
  return (await Promise.all(found)).flat();
}

export const junkInQueues: Attack = {
  item: 5,
  name: 'junk in queues',
  sends: `${all.length} jobs in each of ${Object.keys(queues).length + 1} queues, and commands for the intake`,
  async play(stage) {
    const { client, prefix } = stage.world;
    for (const queue of [...Object.keys(queues), 'intake']) {
      for (const junk of all) await place(client, `${prefix}:${queue}`, junk);
      stage.count(all.length);
    }
    const intake = new Queue('intake', { connection: client, prefix });
    const jobs = await intakeJobs(stage);
    await intake.addBulk(jobs.map((data) => ({ name: 'command', data })));
    stage.count(jobs.length);
    const isDone = async () => (await left(stage)).length === 0;
    const areGone = await eventually(isDone, { within, every: 250 }).catch(() => false);
    return areGone ? [] : [`jobs are still there: ${(await left(stage)).slice(0, 5).join(', ')}`];
  },
};
