/** Many who write one document at a time: each version is one writer's, and nothing that was written is lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LostRace } from '../../kernel/errors.ts';
import { genesis, isIntact } from '../../kernel/history.ts';
import type { Envelope } from '../../models/aggregate.ts';
import type { Models } from '../../models/open.ts';
import { tries } from '../support/many.ts';
import { aChange, race, twoProcesses } from './two-processes.ts';

const both = await twoProcesses();
const [one, other] = both;
let made = 0;
const newId = () => {
  made += 1;
  return `agr_${made}`;
};

const create = ({ dispatches }: Models, id: string, work = 'first') => dispatches.create(id, aChange(work));
const refusal = (error: unknown) => error;

async function stored(id: string) {
  const found = await one.dispatches.get(id);
  if (!found) throw new Error(`${id} is not there.`);
  return found;
}

/** As a worker does it: reads, asks whether it was done, writes, and begins anew when somebody was first. */
async function apply({ dispatches }: Models, id: string, work: string): Promise<void> {
  for (;;) {
    const read = await dispatches.get(id);
    if (!read) throw new Error(`${id} is not there.`);
    if (await dispatches.lineOf(read, work)) return;
    const written = await dispatches.commit(read, aChange(work)).catch(refusal);
    if (!(written instanceof LostRace)) return;
  }
}

describe('two commits on one version', () => {
  test.each([
    ['of one process', [one, one]],
    ['of two', [one, other]],
  ])('%s: one is written, the other has lost', async (_, writers) => {
    const id = newId();
    const read = await create(one, id);
    const answers = await Promise.all(
      writers.map(({ dispatches }, n) => dispatches.commit(read, aChange(`work ${n}`)).catch(refusal)),
    );
    const lost = answers.filter((answer) => answer instanceof LostRace);
    expect(lost).toHaveLength(1);
    const { version, history, outbox } = await stored(id);
    const winner = answers.find((answer) => !(answer instanceof LostRace)) as Envelope;
    expect([version, history.length, outbox.length]).toEqual([2, 2, 2]);
    expect(winner).toMatchObject({ version: 2, head: history[1]?.hash });
  });

  test('with one work id: it is applied once, whatever version the second has read', async () => {
    const id = newId();
    const read = await create(one, id);
    const next = await one.dispatches.commit(read, aChange('twice'));
    expect(await other.dispatches.commit(next, aChange('twice')).catch(refusal)).toBeInstanceOf(LostRace);
    expect(await stored(id)).toMatchObject({ version: 2, applied: ['first', 'twice'] });
  });

  test('a condition beside the version that no longer holds keeps the write out', async () => {
    const id = newId();
    const read = await create(one, id);
    const provided = { last: 'somebody else' };
    expect(await one.dispatches.commit(read, aChange('late', { provided })).catch(refusal)).toBeInstanceOf(LostRace);
    expect(await stored(id)).toMatchObject({ version: 1, last: 'first' });
  });

  test('in one write for many, each is answered for itself', async () => {
    const reads = await Promise.all([newId(), newId(), newId()].map((id) => create(one, id)));
    await other.dispatches.commit(reads[1]!, aChange('was first'));
    const answers = await one.dispatches.commitAll(reads.map((read) => ({ read, change: aChange('in bulk') })));
    expect(answers.map((answer) => answer instanceof LostRace)).toEqual([false, true, false]);
    expect((await Promise.all(reads.map(({ _id }) => stored(_id)))).map(({ applied }) => applied.at(-1))).toEqual([
      'in bulk',
      'was first',
      'in bulk',
    ]);
  });
});

describe('making a document', () => {
  test('is done once, and all get what is there', async () => {
    const id = newId();
    const answers = await race(both, 8, (models, n) => create(models, id, `maker ${n}`));
    expect(new Set(answers.map(({ head }) => head)).size).toBe(1);
    expect(await stored(id)).toMatchObject({ version: 1, head: answers[0]?.head });
  });
});

describe('emptying the outbox', () => {
  test('leaves what a later commit has put into it, and its time', async () => {
    const id = newId();
    const read = await create(one, id);
    const later = await other.dispatches.commit(read, aChange('later'));
    await one.dispatches.finishAll([{ read, exported: true }]);
    const { outbox, outboxDueAt, exported } = await stored(id);
    expect([outbox, exported]).toEqual([later.outbox.slice(1), 1]);
    expect(outboxDueAt).toBeInstanceOf(Date);
  });

  test('done twice is done once', async () => {
    const read = await create(one, newId());
    await race(both, 4, ({ dispatches }) => dispatches.finishAll([{ read, exported: true }]));
    const now = await stored(read._id);
    expect([now.outbox, now.outboxDueAt, now.version]).toEqual([[], undefined, 1]);
  });
});

describe('whatever many do at once to a few documents', () => {
  const works = fc.array(fc.record({ document: fc.nat(2), work: fc.nat(9) }), { minLength: 1, maxLength: 30 });

  test('each work is applied once, and each history is one chain', async () => {
    await fc.assert(
      fc.asyncProperty(works, async (asked) => {
        const ids = [newId(), newId(), newId()];
        await Promise.all(ids.map((id) => create(one, id)));
        await race(both, asked.length, (models, n) => {
          const { document = 0, work } = asked[n] ?? {};
          return apply(models, ids[document] ?? '', `work ${work}`);
        });
        for (const [index, id] of ids.entries()) {
          const wanted = new Set(asked.filter(({ document }) => document === index).map(({ work }) => `work ${work}`));
          const { version, applied, history, outbox, head } = await stored(id);
          expect([...applied].sort()).toEqual(['first', ...wanted].sort());
          expect([version, history.at(-1)?.hash]).toEqual([1 + wanted.size, head]);
          expect(history.map(({ work }) => work)).toEqual(applied);
          expect(history.every(isIntact)).toBe(true);
          expect(history.map(({ prev }) => prev)).toEqual(
            [genesis, ...history.map(({ hash }) => hash)].slice(0, version),
          );
          expect(new Set(outbox.map(({ _id }) => _id)).size).toBe(version);
        }
      }),
      tries(20),
    );
  });
});
