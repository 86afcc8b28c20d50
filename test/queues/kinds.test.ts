/** Job kinds as data: what the release before has stored is read, and what it does not know it leaves alone. */
import type { Job } from 'bullmq';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { system } from '../../kernel/actor.ts';
import { jobId, newId, parseJobId } from '../../kernel/ids.ts';
import { openWork, type WorkItem } from '../../kernel/work.ts';
import { checks } from '../../queues/checks.ts';
import { defineQueue, idempotent, kindOf, namesIn, once, pure, versionOf } from '../../queues/contract.ts';
import { contractOf, queues } from '../../queues/index.ts';
import { notifications } from '../../queues/notifications.ts';
import { onboarding } from '../../queues/onboarding.ts';
import { sortOut } from '../../queues/replays.ts';
import { setup } from '../../queues/setup.ts';
import { workers } from '../../workers/index.ts';
import { defineWorker, done, perform } from '../../workers/machine/define.ts';
import { safetyOf } from '../../workflows/rules/safety.ts';
import type { Effect } from '../../workflows/words/effects.ts';
import { createOrder, openWorkshop, type Workshop } from '../support/workshop.ts';

const client = { name: 'Cleo', email: 'cleo@example.com' };
const who = { actor: system, cause: 'worker' as const, agency: 'north', account: 'acme' };

/** Payloads as the release before stored them, each under the kind it had then. */
const samples: [queue: string, stored: string, kind: string, payload: Record<string, unknown>][] = [
  [
    'onboarding',
    'issuelink',
    'issue-link',
    { order: 'o', stage: 'intake', round: 1, recipient: client, form: 'intake' },
  ],
  [
    'onboarding',
    'askapproval',
    'request-approval',
    { order: 'o', stage: 'approval', round: 1, recipient: client, snapshot: {}, hash: 'a' },
  ],
  ['notifications', 'send', 'notify', { template: 'order-live', order: 'o', recipient: client, data: {} }],
  ['setup', 'fanout', 'spread', { account: 'acme', fact: 'grant.dns', seq: 3 }],
  ['setup', 'command', 'command', { order: 'o', command: { type: 'remind-stage', stage: 's', round: 1, rung: 1 } }],
  ['setup', 'account', 'account', { account: 'acme', command: { type: 'record-milestone', fact: 'f', order: 'o' } }],
  ['checks', 'probe', 'look', { account: 'acme', grant: 'dns', seq: 1 }],
];

/** The kinds that workers of the release before can do. */
const before = [
  ...['setup/command', 'setup/account', 'setup/fanout', 'setup/recheck', 'setup/reopen', 'onboarding/issuelink'],
  ...[
    'onboarding/askapproval',
    'notifications/send',
    'notifications/tell',
    'notifications/alert',
    'notifications/weigh',
  ],
  ...['notifications/acknowledge', 'notifications/doubt', 'notifications/answer', 'fulfillment/dispatch'],
  ...['fulfillment/call', 'fulfillment/poll', 'fulfillment/answer', 'checks/check', 'checks/probe', 'analytics/span'],
  ...['bulk/plan', 'bulk/chunk', 'bulk/close'],
];

test('a kind that the release before did not have is left alone by its workers', () => {
  const taken = Object.entries(queues).flatMap(([queue, contract]) =>
    Object.keys(contract.jobs)
      .filter((kind) => !before.includes(`${queue}/${kind}`) && versionOf(contract, kind) <= contract.schema)
      .map((kind) => `${queue}/${kind}`),
  );
  expect(taken).toEqual([]);
});

describe('an item of the release before', () => {
  test.each(samples)('of %s is read: %s is %s', (queue, stored, kind, payload) => {
    const contract = contractOf(queue);
    expect(kindOf(contract, stored)).toBe(kind);
    expect(versionOf(contract, stored)).toBeGreaterThanOrEqual(1);
    if (kind !== stored) expect(contract.jobs[kind]?.safeParse(payload).error).toBeUndefined();
    expect(workers[queue]?.handlers).toHaveProperty(kind);
  });

  test('has no sample missing of a kind that was renamed', () => {
    const renamed = Object.entries(queues).flatMap(([queue, { jobs }]) =>
      Object.values(jobs).flatMap(({ was }) => (was === undefined ? [] : [`${queue}/${was}`])),
    );
    expect(samples.map(([queue, stored]) => `${queue}/${stored}`)).toEqual(expect.arrayContaining(renamed));
  });

  describe('in a workshop', () => {
    let shop: Workshop;
    beforeAll(async () => {
      shop = await openWorkshop();
    });

    test('is done by the handler of its new name', async () => {
      const order = await createOrder(shop);
      const { payload } = await shop.itemOf(order, 'issue-link');
      const { _id } = await shop.accept({ queue: 'onboarding', kind: 'issuelink', order, payload });
      expect(await shop.deliver(_id)).toBe('settled');
      expect(await shop.context.models.work.get(_id)).toMatchObject({ state: 'done', kind: 'issuelink' });
    });

    test('leaves an item of a kind that it does not know to a newer worker', async () => {
      const before = defineQueue('onboarding', { issuelink: idempotent(z.object({})) });
      const worker = defineWorker({ queue: before, concurrency: 1, handlers: { issuelink: async () => done } });
      const recipient = client;
      const payload = { order: 'o', stage: 'intake', round: 1, recipient, form: 'intake' };
      const draft = onboarding.draft('issue-link', payload, { ...who, _id: newId() });
      const item = openWork(draft, 'nudged', shop.clock.now());
      await shop.context.models.work.insert(item);
      const id = jobId(item.kind, item._id, item.generation);
      const job = { id, name: item.kind, data: { work: item._id }, attemptsMade: 0, opts: { attempts: 1 } };
      await perform(worker, job as unknown as Job, shop.context);
      expect(await shop.context.models.work.get(item._id)).toMatchObject({ state: 'open' });
    });
  });
});

describe('a kind', () => {
  test.each(['Send', 'send_it', '-send', 'send-', 'a'.repeat(41)])('cannot be called "%s"', (kind) => {
    expect(() => defineQueue('setup', { [kind]: pure(z.object({})) })).toThrow('must be kebab-case');
  });

  test('cannot take the name that another had', () => {
    const jobs = { send: pure(z.object({})), notify: once(z.object({}), { was: 'send' }) };
    expect(() => defineQueue('notifications', jobs)).toThrow('two kinds "send"');
  });

  test('is found in the job id of each of its items', () => {
    for (const { jobs } of Object.values(queues)) {
      for (const kind of namesIn(jobs)) {
        const id = 'timer-ord_1.a-sla-3';
        expect(parseJobId(jobId(kind, id, 7), namesIn(jobs))).toEqual({ workId: id, generation: 7 });
      }
    }
  });

  test('that an effect has its name from is as safe as the effect', () => {
    const effects = { setup: ['command', 'timer', 'record-milestone', 'recheck', 'reopen'] } as const;
    const others = { onboarding, notifications, checks, setup, fulfillment: contractOf('fulfillment') };
    const types: Effect['type'][] = [
      'issue-link',
      'request-approval',
      'notify',
      'tell',
      'alert',
      'weigh',
      'dispatch',
      'check',
    ];
    for (const type of [...effects.setup, ...types]) {
      const [contract] = Object.values(others).filter(({ jobs }) => Object.hasOwn(jobs, type));
      expect(contract?.jobs[type as never]?.['replay'], type).toBe(safetyOf({ type }));
    }
  });
});

describe('a draft', () => {
  test('is one of its queue, with the version that its kind has', () => {
    const draft = setup.draft('spread', { account: 'acme', fact: 'f', seq: 1 }, { ...who, _id: 'x' });
    expect(draft).toEqual({
      ...who,
      ...{ _id: 'x', queue: 'setup', kind: 'spread', schema: 2, payload: { account: 'acme', fact: 'f', seq: 1 } },
    });
    expect(setup.draft('recheck', { order: 'o' }, who).schema).toBe(1);
  });

  test('that no worker could read is refused where it is made', () => {
    // @ts-expect-error A misspelt kind.
    expect(() => setup.draft('reckeck', { order: 'o' }, who)).toThrow('the queue has no such kind');
    // @ts-expect-error Of another type.
    expect(() => setup.draft('recheck', { order: 1 }, who)).toThrow('No worker could read this "recheck"');
    // @ts-expect-error A field that the payload has not.
    expect(() => setup.draft('recheck', { order: 'o', orders: [] }, who)).toThrow('orders');
    // @ts-expect-error A field is missing.
    expect(() => checks.draft('look', { account: 'acme', grant: 'dns' }, who)).toThrow('seq');
    expect(() => notifications.draft('weigh', { staff: 'ann' }, who)).not.toThrow();
  });
});

describe('a replay', () => {
  const item = (queue: string, kind: string) => ({ _id: `${queue}-${kind}`, queue, kind }) as WorkItem;
  const records = { notifications: { get: async () => null }, dispatches: { get: async () => null } };

  test.each([
    ['setup', 'command', 'again'],
    ['notifications', 'send', 'again'],
    ['setup', 'foreign', 'unknown'],
    ['setup', 'postpone', 'unknown'],
    ['cellar', 'command', 'unknown'],
  ] as const)('of %s/%s is put under "%s"', async (queue, kind, place) => {
    expect((await sortOut([item(queue, kind)], records))[place]).toHaveLength(1);
  });

  test('of a mail that went out under the old kind is finished', async () => {
    const sent = { ...records, notifications: { get: async () => ({ state: 'sent' as const }) } };
    expect((await sortOut([item('notifications', 'send')], sent)).finished).toHaveLength(1);
  });
});
