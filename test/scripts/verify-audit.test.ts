import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chain, type HistoryEntry, type HistoryLine } from '../../kernel/history.ts';
import { after } from '../../kernel/time.ts';
import type { Anchor } from '../../kernel/verify-chain.ts';
import type { Change } from '../../models/aggregate.ts';
import type { AuditLine } from '../../models/audit.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import { databaseUri, freshDatabase } from '../support/mongo.ts';
import { runScript } from '../support/script.ts';

const at = new Date('2026-03-02T14:00:00Z');
let models: Models;

beforeAll(async () => {
  models = openModels(await freshDatabase());
  await syncIndexes(models);
});

beforeEach(async () => {
  await Promise.all([lines().deleteMany({}), orders().deleteMany({})]);
  for (const id of ['a', 'b', 'c']) await anOrderWith(id, 6);
});

describe('verify-audit', () => {
  test('finds nothing in a history that nobody touched, exported or not', async () => {
    await commitOnce('b', 7);
    expect(await checkAudit(models)).toEqual({ lines: 18, streams: 3, faults: [] });
  });

  const manglings: [string, () => Promise<unknown>, { line: string; kind: string }][] = [
    ['an edit', () => change('b', 3, { reason: 'another' }), { line: 'order.b:3', kind: 'edited' }],
    ['an edit under a hash made anew', () => rehash('b', 3), { line: 'order.b:4', kind: 'unlinked' }],
    ['an edit of the last line under a hash made anew', () => rehash('b', 6), { line: 'order.b:6', kind: 'replaced' }],
    ['a deletion', () => remove('b', 3), { line: 'order.b:3', kind: 'deleted' }],
    ['a deletion of the first line', () => remove('b', 1), { line: 'order.b:1', kind: 'deleted' }],
    ['two lines that changed places', () => swap('b', 3, 4), { line: 'order.b:3', kind: 'edited' }],
    ['a line put between', () => insert('b', 3.5), { line: 'order.b:3.5', kind: 'inserted' }],
    ['a line put at the end', () => insert('b', 7), { line: 'order.b:7', kind: 'inserted' }],
    ['an end cut off', () => remove('b', 5, 6), { line: 'order.b:5', kind: 'truncated' }],
    ['a stream that has gone', () => remove('b', 1, 2, 3, 4, 5, 6), { line: 'order.b:1', kind: 'truncated' }],
    ['a line kept under another name', () => rename('b', 6), { line: 'order.b:6', kind: 'displaced' }],
  ];

  test.each(manglings)('finds %s and names the first bad line', async (_, mangle, found) => {
    await mangle();
    const { faults } = await checkAudit(models);
    expect(faults).toEqual([expect.objectContaining(found)]);
  });

  test('names the first bad line of each stream, in order', async () => {
    await remove('c', 2);
    await change('a', 5, { reason: 'another' });
    const { faults } = await checkAudit(models);
    expect(faults.map(({ line }) => line)).toEqual(['order.a:5', 'order.c:2']);
  });
});

describe('anchors', () => {
  test('show what document and audit no longer do: both cut off together', async () => {
    const anchors = await anchorsNow();
    await orders().deleteOne({ _id: 'b' as never });
    await remove('b', 5, 6);
    expect((await checkAudit(models)).faults).toEqual([]);
    expect((await checkAudit(models, { anchors })).faults).toEqual([
      expect.objectContaining({ line: 'order.b:5', kind: 'truncated' }),
    ]);
  });

  test('show a stream that has gone with its document', async () => {
    const anchors = await anchorsNow();
    await orders().deleteOne({ _id: 'b' as never });
    await remove('b', 1, 2, 3, 4, 5, 6);
    expect((await checkAudit(models, { anchors })).faults).toEqual([
      expect.objectContaining({ line: 'order.b:1', kind: 'truncated' }),
    ]);
  });

  test('show a history that was written anew from its first line', async () => {
    const anchors = await anchorsNow();
    await orders().deleteOne({ _id: 'b' as never });
    await lines().deleteMany({ stream: 'order.b' });
    await models.audit.add('order.b', aHistory('forged', 6));
    expect((await checkAudit(models)).faults).toEqual([]);
    expect((await checkAudit(models, { anchors })).faults).toEqual([
      expect.objectContaining({ line: 'order.b:6', kind: 'replaced' }),
    ]);
  });

  test('still hold when the stream has grown', async () => {
    const anchors = await anchorsNow();
    await commitOnce('b', 7);
    await exportAll('b');
    expect((await checkAudit(models, { anchors })).faults).toEqual([]);
  });
});

describe('the command', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orderworks-anchors-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('exports anchors, leaves with 0, and with 1 once something is wrong', async () => {
    const file = join(dir, 'anchors.jsonl');
    const sound = await run('--json', '--export-anchors', file);
    expect(sound.code).toBe(0);
    expect(JSON.parse(sound.out)).toMatchObject({ ok: true, lines: 18, streams: 3, faults: [] });
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);

    await orders().deleteOne({ _id: 'b' as never });
    await remove('b', 6);
    const broken = await run('--anchors', file);
    expect(broken.code).toBe(1);
    expect(broken.out.split('\n')[0]).toMatch(/^order\.b:6 {2}truncated/);
  });

  test('leaves with 2 when it is asked wrongly, with 3 where a file is not there, and shows examples first', async () => {
    const [unknown, missing, help] = await Promise.all([
      run('--nonsense'),
      run('--anchors', join(dir, 'nowhere')),
      run('--help'),
    ]);
    expect([unknown.code, missing.code]).toEqual([2, 3]);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/^Examples:/);
  });
});

async function run(...args: string[]): Promise<{ code: number | null; out: string }> {
  const env = { MONGODB_URI: databaseUri(models.connection.name) };
  const { code, stdout } = await runScript('verify-audit', args, { env });
  return { code, out: stdout };
}

async function anchorsNow(): Promise<Anchor[]> {
  const anchors: Anchor[] = [];
  await checkAudit(models, { onStream: (anchor) => anchors.push(anchor) });
  return anchors;
}

const lines = () => models.audit.model.collection;
const orders = () => models.orders.model.collection;
const nameOf = (id: string, seq: number) => ({ _id: `order.${id}:${seq}` as never });

function entry(work: string): HistoryEntry {
  return {
    at,
    work,
    actor: { type: 'staff', id: 'ann', role: 'order_admin' },
    cause: 'api',
    action: 'complete-stage',
    outcome: 'done',
    events: [{ type: 'stage-completed', stage: 'intake', note: undefined }],
  };
}

const changeOf = (work: string): Change => ({
  entry: entry(work),
  effects: [],
  set: { state: {} },
  dueAt: after(at, 10_000),
});

async function anOrderWith(id: string, count: number): Promise<void> {
  await models.orders.create(id, changeOf(`${id}-1`));
  for (let n = 2; n <= count; n += 1) await commitOnce(id, n);
  await exportAll(id);
}

async function commitOnce(id: string, n: number): Promise<void> {
  await models.orders.commit(await read(id), changeOf(`${id}-${n}`));
}

async function exportAll(id: string): Promise<void> {
  await models.orders.exportAll([await read(id)]);
  await models.orders.finishAll([{ read: await read(id), exported: true }]);
}

async function read(id: string) {
  const order = await models.orders.get(id);
  if (!order) throw new Error(`No order ${id}.`);
  return order;
}

function aHistory(work: string, count: number): HistoryLine[] {
  const made: HistoryLine[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    made.push(chain(entry(`${work}-${seq}`), seq, made.at(-1)?.hash ?? '0'.repeat(64)));
  }
  return made;
}

async function lineOf(id: string, seq: number): Promise<AuditLine> {
  return (await lines().findOne(nameOf(id, seq))) as unknown as AuditLine;
}

const change = (id: string, seq: number, set: object) => lines().updateOne(nameOf(id, seq), { $set: set });

async function rehash(id: string, seq: number): Promise<void> {
  const { _id, stream, seq: _, prev, hash: __, ...body } = await lineOf(id, seq);
  await lines().deleteOne({ _id: _id as never });
  await lines().insertOne({ _id, stream, ...chain({ ...body, reason: 'another' }, seq, prev) } as never);
}

async function remove(id: string, ...seqs: number[]): Promise<void> {
  for (const seq of seqs) await lines().deleteOne(nameOf(id, seq));
}

async function swap(id: string, one: number, other: number): Promise<void> {
  const [first, second] = [await lineOf(id, one), await lineOf(id, other)];
  await remove(id, one, other);
  await lines().insertOne({ ...first, _id: second._id, seq: other } as never);
  await lines().insertOne({ ...second, _id: first._id, seq: one } as never);
}

async function insert(id: string, seq: number): Promise<void> {
  const before = await lineOf(id, Math.floor(seq) === seq ? seq - 1 : Math.floor(seq));
  const line = chain(entry('forged'), seq, before.hash);
  await lines().insertOne({ ...line, _id: `order.${id}:${seq}`, stream: `order.${id}` } as never);
}

async function rename(id: string, seq: number): Promise<void> {
  const line = await lineOf(id, seq);
  await remove(id, seq);
  await lines().insertOne({ ...line, _id: `order.${id}:0${seq}` } as never);
}
