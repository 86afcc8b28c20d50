/**
 * The guards of the machinery, each with a way to take it out. A simulation that stays green without a guard would prove
 * nothing about it: the table in the tests shows that each of them goes red.
 */
import type { Collection } from 'mongoose';
import { newId } from '../../kernel/ids.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { commitAll, type Envelope } from '../../models/aggregate.ts';
import type { Models } from '../../models/open.ts';
import { simulateMail } from './mail.ts';
import type { simulate } from './simulate.ts';

export interface Guard {
  name: string;
  without: (models: Models) => Models;
  /** The run that must go red; usually that of the whole machinery. */
  run?: typeof simulate;
}

export const guards: Guard[] = [
  { name: 'the version in the commit filter', without: (models) => withCommitFilter(models, ['version']) },
  {
    name: 'looking up whether the work id was applied, and `applied` in the commit filter',
    without: (models) => {
      const blind = withCommitFilter(models, ['applied']);
      let committing = '';
      return withOrders(blind, {
        lineOf: async (read, work) =>
          committing === `${read._id}-${read.version}-${work}` ? models.orders.lineOf(read, work) : undefined,
        commit: async (read, change) => {
          const written = await blind.orders.commit(read, change);
          committing = `${written._id}-${written.version}-${change.entry.work}`;
          return written;
        },
        create: async (id, change) => {
          const written = await models.orders.create(id, change);
          committing = `${id}-${written.version}-${change.entry.work}`;
          return written;
        },
      });
    },
  },
  {
    name: 'natural ids of effects',
    without: (models) =>
      withWork(models, {
        insertMany: (items) => models.work.insertMany(items.map((item) => ({ ...item, _id: `x${newId()}` }))),
      }),
  },
  {
    name: 'natural ids of what clients ask',
    without: (models) => withWork(models, { insert: (item) => models.work.insert({ ...item, _id: `x${newId()}` }) }),
  },
  {
    name: 'inserting the effects before they leave the outbox',
    without: (models) =>
      withOrders(models, {
        exportAll: async (reads) => {
          const forked = await models.orders.exportAll(reads);
          await models.orders.finishAll(reads.map((read) => ({ read, exported: true })));
          return forked;
        },
      }),
  },
  {
    name: 'emptying the outbox only at the version that was read',
    without: (models) =>
      withOrders(models, {
        finishAll: async (drained) => {
          const emptied = { $set: { outbox: [] }, $unset: { outboxDueAt: 1 } };
          const ids = drained.map(({ read }) => read._id);
          await models.orders.model.collection.updateMany({ _id: { $in: ids as never[] } }, emptied as never);
        },
      }),
  },
  { name: 'draining what a crashed worker left', without: (models) => withOrders(models, { due: async () => [] }) },
  { name: 'leases that end', without: (models) => withWork(models, { expired: async () => [] }) },
  {
    name: 'a new generation for each nudge',
    without: (models) =>
      withWork(models, {
        claim: async (items, now) => {
          const claimed = await models.work.claim(items, now);
          const ids = claimed.map(({ _id }) => _id);
          await models.work.model.collection.updateMany({ _id: { $in: ids as never[] } }, { $set: { generation: 1 } });
          return claimed.map((item) => ({ ...item, generation: 1 }));
        },
      }),
  },
  { name: 'waiting items that wake', without: (models) => withWork(models, { wake: async () => 0 }) },
  {
    name: 'putting lines into the audit before they count as exported',
    without: (models) =>
      withOrders(models, {
        exportAll: async (reads) => {
          for (const { _id, version } of reads) {
            const marked = { $max: { exported: version } };
            await models.orders.model.collection.updateOne({ _id: _id as never }, marked as never);
          }
          return [];
        },
        finishAll: async (drained) => {
          await models.orders.exportAll(drained.map(({ read }) => read));
          await models.orders.finishAll(drained);
        },
      }),
  },
  {
    name: 'no handler before `runAt`',
    without: (models) => withWork(models, { get: seenAs(models, { runAt: new Date(0) }) }),
  },
  {
    name: 'leaving items of a newer schema to newer workers',
    without: (models) => withWork(models, { get: seenAs(models, { schema: 1 }) }),
  },
  {
    name: 'burying only the generation that failed',
    without: (models) =>
      withWork(models, {
        bury: async ({ _id }, failure) => {
          const { generation = 0 } = (await models.work.get(_id)) ?? {};
          return models.work.bury({ _id, generation }, failure);
        },
      }),
  },
  {
    name: "leaving a mail alone until its sender's turn is over (`sendingUntil`)",
    run: simulateMail,
    without: (models) => ({
      ...models,
      notifications: {
        ...models.notifications,
        begin: async (...draft) => {
          const known = await models.notifications.begin(...draft);
          return known && { ...known, sendingUntil: new Date(0) };
        },
      },
    }),
  },
];

/** What a worker reads, some of it not as it is. */
function seenAs({ work }: Models, fields: Partial<WorkItem>): Models['work']['get'] {
  return async (id) => {
    const item = await work.get(id);
    return item && { ...item, ...fields };
  };
}

function withOrders(models: Models, changed: Partial<Models['orders']>): Models {
  const orders = { ...models.orders, ...changed };
  return { ...models, orders, streams: [orders] as unknown as Models['streams'] };
}

function withWork(models: Models, changed: Partial<Models['work']>): Models {
  return { ...models, work: { ...models.work, ...changed } };
}

/** The commit, its filter stripped of some fields. */
function withCommitFilter(models: Models, stripped: string[]): Models {
  const collection = models.orders.documents as unknown as Collection<Envelope>;
  const weak = {
    find: collection.find.bind(collection),
    bulkWrite: (writes: { updateOne: { filter: object; update: object } }[], options: object) =>
      collection.bulkWrite(
        writes.map(({ updateOne }) => ({ updateOne: { ...updateOne, filter: weaker(updateOne.filter) } })) as never,
        options,
      ),
  } as unknown as Collection<Envelope>;
  const weaker = (filter: object) =>
    Object.fromEntries(Object.entries(filter).filter(([field]) => !stripped.includes(field)));
  return withOrders(models, { commitAll: (commits) => commitAll(weak, commits) });
}
