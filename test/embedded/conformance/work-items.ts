/** Items of a queue in every state, and the partial indexes they are found by. */
import type { Document } from 'mongodb';
import type { Subject } from './servers.ts';

export const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1_000);
const open = { partialFilterExpression: { state: 'open' } };

const ITEMS: Document[] = [
  {
    _id: 'a',
    state: 'open',
    queue: 'q',
    phase: 'ready',
    account: 'x',
    dueAt: at(3),
    runAt: at(1),
    generation: 0,
    kind: 'k',
  },
  {
    _id: 'b',
    state: 'open',
    queue: 'q',
    phase: 'ready',
    account: 'x',
    dueAt: at(1),
    runAt: at(1),
    generation: 2,
    kind: 'k',
  },
  {
    _id: 'c',
    state: 'open',
    queue: 'q',
    phase: 'nudged',
    account: 'y',
    dueAt: at(2),
    runAt: at(9),
    generation: 1,
    probes: 3,
  },
  { _id: 'd', state: 'open', queue: 'q', phase: 'waiting', account: 'y', dueAt: at(5), runAt: at(5), generation: 1 },
  { _id: 'e', state: 'done', queue: 'q', phase: 'ready', account: 'x', dueAt: at(0), runAt: at(0), generation: 1 },
  {
    _id: 'f',
    state: 'open',
    queue: 'r',
    phase: 'ready',
    account: null,
    dueAt: at(4),
    runAt: at(4),
    generation: 1,
    kind: 'l',
  },
  { _id: 'g', state: 'open', queue: 'r', phase: 'ready', dueAt: at(4), runAt: at(2), generation: 1, kind: 'l' },
];

export async function withItems({ docs }: Subject): Promise<Subject['docs']> {
  await docs.createIndex({ queue: 1, phase: 1, account: 1, dueAt: 1 }, open);
  await docs.createIndex({ dueAt: 1 }, { partialFilterExpression: { state: 'open', phase: 'nudged' } });
  await docs.createIndex({ runAt: 1 }, { partialFilterExpression: { state: 'open', phase: 'waiting' } });
  await docs.createIndex({ order: 1, createdAt: -1 });
  await docs.insertMany(ITEMS as never);
  return docs;
}
