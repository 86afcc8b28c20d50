/** Items that several processes reach for: each is taken, closed and opened again by one of them. */
import { describe, expect, test } from 'vitest';
import { seconds } from '../../kernel/time.ts';
import type { WorkItem, WorkPhase } from '../../kernel/work.ts';
import { anItem, at, later, race, twoProcesses, won } from './two-processes.ts';

const both = await twoProcesses();
const [one, other] = both;
let made = 0;
const some = (count: number) => {
  made += count;
  return Array.from({ length: count }, (_, n) => `wrk_${made - n}`);
};

async function stored(id: string): Promise<WorkItem> {
  const item = await one.work.get(id);
  if (!item) throw new Error(`${id} is not there.`);
  return item;
}

async function anInserted(phase: WorkPhase = 'ready'): Promise<WorkItem> {
  const [id = ''] = some(1);
  await one.work.insert(anItem(id, phase));
  return stored(id);
}

const failure = { fingerprint: 'f1', message: 'Error: broken', at };

describe('inserting', () => {
  test('one id many times: one has made it', async () => {
    const [id = ''] = some(1);
    expect(won(await race(both, 10, ({ work }, n) => work.insert(anItem(id, 'ready', { payload: { n } }))))).toBe(1);
  });

  test('lots that overlap: all are there, each once and as it came first', async () => {
    const ids = some(30);
    const first = ids.slice(0, 10).map((id) => anItem(id, 'ready', { payload: { from: 'first' } }));
    await one.work.insertMany(first);
    await race(both, 6, ({ work }, n) => work.insertMany(ids.slice(n * 3, n * 3 + 15).map((id) => anItem(id))));
    const found = await Promise.all(ids.map((id) => one.work.get(id)));
    expect(found.map((item) => item?._id)).toEqual(ids);
    expect(found.slice(0, 10).map((item) => item?.payload)).toEqual(first.map(({ payload }) => payload));
  });
});

describe('claiming', () => {
  test('by two dispatchers at once: each item goes to its next generation, one only', async () => {
    const ids = some(60);
    await one.work.insertMany(ids.map((id) => anItem(id)));
    const ready = await Promise.all(ids.map(stored));
    const taken = (await race(both, 4, ({ work }) => work.claim(ready, at))).flat();
    expect(new Set(taken.map(({ _id }) => _id))).toEqual(new Set(ids));
    expect(new Set(taken.map(({ generation }) => generation))).toEqual(new Set([1]));
    const now = await Promise.all(ids.map(stored));
    expect(now.map(({ phase, generation }) => [phase, generation])).toEqual(ids.map(() => ['nudged', 1]));
  });

  test('takes no item that was settled, put off or taken since it was read', async () => {
    const ready = await Promise.all([anInserted(), anInserted(), anInserted()]);
    await other.work.settle(ready[0]?._id ?? '', { status: 'done' }, at);
    const [again] = await other.work.claim(ready.slice(1, 2), at);
    await other.work.putOff(again!, later(seconds(60)));
    expect((await one.work.claim(ready, at)).map(({ _id }) => _id)).toEqual([ready[2]?._id]);
  });
});

describe('closing', () => {
  test('twice: the first outcome stays', async () => {
    const { _id } = await anInserted();
    await one.work.settle(_id, { status: 'refused', code: 'first' }, at);
    await other.work.settle(_id, { status: 'done' }, later(1));
    expect(await stored(_id)).toMatchObject({ state: 'refused', outcome: { code: 'first' }, settledAt: at });
  });

  test('and burying at once: one of them, whole', async () => {
    const items = await Promise.all(some(20).map(() => anInserted('nudged')));
    const buried = await Promise.all(
      items.map(async (item) => {
        const [dead] = await Promise.all([
          one.work.bury(item, failure),
          other.work.settle(item._id, { status: 'done' }, at),
        ]);
        return dead;
      }),
    );
    const now = await Promise.all(items.map(({ _id }) => stored(_id)));
    expect(now.map(({ state }) => state)).toEqual(buried.map((dead) => (dead ? 'dead' : 'done')));
    expect(now.map(({ outcome }) => outcome === undefined)).toEqual(buried);
    expect(now.map((item) => item.failure !== undefined)).toEqual(buried);
  });

  test('a worker whose generation is over neither buries nor keeps nor puts off what another has', async () => {
    const old = await anInserted('nudged');
    await one.work.renewOrRelease([{ item: old, alive: false }], at);
    const [now] = await one.work.claim([await stored(old._id)], at);
    expect(await other.work.bury(old, failure)).toBe(false);
    expect(await other.work.extend(old, later(seconds(60)))).toBe(false);
    await other.work.putOff(old, later(seconds(60)));
    expect(await stored(old._id)).toMatchObject({ state: 'open', phase: 'nudged', generation: 2, dueAt: now?.dueAt });
  });
});

describe('a dead letter', () => {
  const actor = { type: 'staff', id: 'ada', role: 'order_admin' } as const;
  const asked = (action: 'replay' | 'discard') => ({ action, actor, reason: 'Mended.', at });

  async function dead(count: number): Promise<WorkItem[]> {
    const items = await Promise.all(some(count).map(() => anInserted('nudged')));
    await Promise.all(items.map((item) => one.work.bury(item, failure)));
    return Promise.all(items.map(({ _id }) => stored(_id)));
  }

  test('that several replay at once is opened once', async () => {
    const items = await dead(10);
    const changed = await race(both, 4, ({ deadLetters }) => deadLetters.intervene(items, asked('replay')));
    expect(changed.reduce((sum, count) => sum + count, 0)).toBe(10);
    const now = await Promise.all(items.map(({ _id }) => stored(_id)));
    expect(now).toMatchObject(items.map(() => ({ state: 'open', phase: 'ready', generation: 2 })));
    expect(now.some((item) => 'failure' in item || 'settledAt' in item)).toBe(false);
  });

  test('that one replays and another discards is either, and the audit knows of both', async () => {
    const items = await dead(6);
    const [replayed = 0, discarded = 0] = await Promise.all([
      one.deadLetters.intervene(items, asked('replay')),
      other.deadLetters.intervene(items, asked('discard')),
    ]);
    const now = await Promise.all(items.map(({ _id }) => stored(_id)));
    expect(replayed + discarded).toBe(6);
    expect(now.filter(({ state }) => state === 'open')).toHaveLength(replayed);
    expect(now.filter(({ state }) => state === 'discarded')).toHaveLength(discarded);
    const stream = await one.streams.find(({ name }) => name === 'queue')?.get('fulfillment');
    expect(
      stream?.history
        .slice(-2)
        .map(({ action }) => action)
        .sort(),
    ).toEqual(['discard', 'replay']);
  });

  test('that was discarded stays so, whoever still sees it dead', async () => {
    const [item] = await dead(1);
    await one.deadLetters.intervene([item!], asked('discard'));
    expect(await other.deadLetters.intervene([item!], asked('replay'))).toBe(0);
    expect(await stored(item!._id)).toMatchObject({ state: 'discarded', generation: 1 });
  });

  test('that died again is not opened by who saw its first death', async () => {
    const [first] = await dead(1);
    await one.deadLetters.intervene([first!], asked('replay'));
    const [again] = await one.work.claim([await stored(first!._id)], at);
    await one.work.bury(again!, failure);
    expect(await other.deadLetters.intervene([first!], asked('replay'))).toBe(0);
    expect(await stored(first!._id)).toMatchObject({ state: 'dead', generation: 3 });
  });
});
