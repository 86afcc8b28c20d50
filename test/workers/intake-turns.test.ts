/** A crowd in the intake: whoever asks beside it is heard in the present turn, on a real Redis. */
import { Queue } from 'bullmq';
import { beforeAll, describe, expect, test } from 'vitest';
import { workIdOf } from '../../kernel/ids.ts';
import { type SignedCommand, signCommand } from '../../queues/intake.ts';
import { newTurns, shares } from '../../queues/turns.ts';
import { connectWorker } from '../../runtime/redis.ts';
import { intakeWorker } from '../../workers/intake.ts';
import { arrange } from '../../workers/machine/arrange.ts';
import { host } from '../../workers/machine/host.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

const crowd = 3_000;
const command = {
  type: 'create-order',
  product: 'listings',
  tier: 'basic',
  source: 'store',
  title: 'T',
  client,
} as const;

let api: TestApi;
let key: string;
let other: string;

beforeAll(async () => {
  api = await anApi();
  const given = { name: 'Shop', type: 'service', role: 'order_admin', agency: 'north' } as const;
  key = (await api.models.apiKeys.issue(given, new Date())).key;
  other = (await api.models.apiKeys.issue(given, new Date())).key;
});

const commands = (count: number, from: string, by = key, account = 'acme') =>
  Array.from({ length: count }, (_, n) => signCommand(by, { id: `${from}-${n}-of-many`, account, command }));

/** How many of the crowd were taken before all of these were. */
async function takenBefore(first: object[], then: SignedCommand[]): Promise<number> {
  const connection = connectWorker(api.redis.url, api.context.log);
  const { prefix } = api.redis;
  const queue = new Queue('intake', { connection, prefix });
  await queue.addBulk(first.map((data) => ({ name: 'command', data })));
  await queue.addBulk(then.map((data) => ({ name: 'command', data })));
  const turns = newTurns();
  while (await arrange(turns, api.context));
  let taken = 0;
  const ids = then.map(({ key: by, id }) => workIdOf(by, id));
  const isTaken = async () => (await Promise.all(ids.map((id) => api.models.work.get(id)))).every(Boolean);
  const worker = host(intakeWorker, api.context, { connection: connection.duplicate(), prefix });
  worker.on('completed', () => {
    taken += 1;
  });
  await eventually(isTaken, { within: 60_000, every: 10 });
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
  return taken - then.length;
}

test('a job that has gone meanwhile keeps no other from its turn', async () => {
  const connection = connectWorker(api.redis.url, api.context.log);
  const queue = new Queue('intake', { connection, prefix: api.redis.prefix });
  const [gone, there] = await queue.addBulk([1, 2].map(() => ({ name: 'command', data: {} })));
  await gone?.remove();
  await api.context.nudger.putInTurns('intake', new Map([gone, there].map((job) => [job?.id ?? '', 7])));
  expect(await queue.getJobCounts('wait', 'prioritized')).toEqual({ wait: 0, prioritized: 1 });
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
});

/** A few turns, and what is taken while the test looks. */
const few = 20 * shares.account;

describe('beside thousands of commands of one account', () => {
  test('another account of the same sender is heard in the same turn', async () => {
    const others = commands(5, 'same', key, 'bolt');
    expect(await takenBefore(commands(crowd, 'first'), others)).toBeLessThan(few);
  });

  test('another sender is heard in the same turn, though the crowd signs in its name', async () => {
    const forged = commands(crowd, 'forged', other).map((said) => ({ ...said, signature: '0'.repeat(64) }));
    expect(await takenBefore(forged, commands(5, 'true', other))).toBeLessThan(few);
  });

  test('another sender is heard in the same turn beside what nobody can read', async () => {
    const junk = Array.from({ length: crowd }, (_, n) => ({ n }));
    expect(await takenBefore(junk, commands(5, 'beside', other))).toBeLessThan(few);
  });
});

test('the commands of one account keep their order', async () => {
  const connection = connectWorker(api.redis.url, api.context.log);
  const { prefix } = api.redis;
  const queue = new Queue('intake', { connection, prefix });
  const said = commands(120, 'ordered');
  await queue.addBulk(said.map((data) => ({ name: 'command', data })));
  const turns = newTurns();
  while (await arrange(turns, api.context));
  const waiting = await queue.getJobs(['prioritized'], 0, -1, true);
  expect(waiting.map(({ data }) => data.id)).toEqual(said.map(({ id }) => id));
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
});
