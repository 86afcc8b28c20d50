/** Places are shared: what one account, agency or host keeps waiting leaves room for the others. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotYet } from '../../kernel/errors.ts';
import { lease } from '../../kernel/work.ts';
import { bulkhead } from '../../workers/machine/bulkhead.ts';

const never = () => new Promise<never>(() => undefined);
const most = { account: 2, agency: 4, host: 3 };

function aQueue() {
  const inShare = bulkhead(most);
  const enter = (account: string, agency: string, ...hosts: string[]) => inShare({ account, agency, hosts }, never);
  return { inShare, enter };
}

/** Whether there was a place; one that is taken is kept for ever. */
async function isIn(entering: Promise<unknown>): Promise<boolean> {
  return Promise.race([entering.then(() => true), new Promise<true>((go) => setImmediate(() => go(true)))]).catch(
    (error) => {
      if (error instanceof NotYet) return false;
      throw error;
    },
  );
}

describe('a share', () => {
  test('of an account is used up by it alone', async () => {
    const { enter } = aQueue();
    expect([await isIn(enter('a', 'north')), await isIn(enter('a', 'north')), await isIn(enter('a', 'north'))]).toEqual(
      [true, true, false],
    );
    expect(await isIn(enter('b', 'north'))).toBe(true);
  });

  test('of an agency is used up by all of its accounts, and of nobody else', async () => {
    const { enter } = aQueue();
    for (const account of ['a', 'b', 'c', 'd']) expect(await isIn(enter(account, 'north'))).toBe(true);
    expect(await isIn(enter('e', 'north'))).toBe(false);
    expect(await isIn(enter('f', 'south'))).toBe(true);
  });

  test('of a host is used up whoever asks it, and counts once for a job', async () => {
    const { enter } = aQueue();
    for (const n of [1, 2, 3]) expect(await isIn(enter(`a${n}`, `g${n}`, 'slow.example', 'slow.example'))).toBe(true);
    expect(await isIn(enter('a4', 'g4', 'good.example', 'slow.example'))).toBe(false);
    expect(await isIn(enter('a4', 'g4', 'good.example'))).toBe(true);
  });

  test('is given back at the end, also of what failed', async () => {
    const { inShare } = aQueue();
    const claim = { account: 'a', agency: 'north', hosts: ['x'] };
    for (let n = 0; n < 10; n += 1) {
      expect(await inShare(claim, async () => n)).toBe(n);
      await expect(inShare(claim, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    }
  });

  test('is asked for again before the lease of the item ends', async () => {
    const { enter } = aQueue();
    for (const _ of [1, 2]) void enter('a', 'north').catch(() => undefined);
    const error = await enter('a', 'north').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotYet);
    expect(error.delay).toBeLessThan(lease);
  });

  test('is never exceeded, and nothing is taken by a job that is turned away', async () => {
    const claims = fc.record({
      account: fc.constantFrom('a', 'b', 'c'),
      agency: fc.constantFrom('north', 'south'),
      hosts: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(claims, fc.boolean())), async (jobs) => {
        const inShare = bulkhead(most);
        const running = new Map<() => void, string[]>();
        for (const [claim, ends] of jobs) {
          const names = [
            `account ${claim.account}`,
            `agency ${claim.agency}`,
            ...claim.hosts.map((host) => `host ${host}`),
          ];
          const count = (name: string) => [...running.values()].filter((one) => one.includes(name)).length;
          const fits = names.every((name) => count(name) < most[name.split(' ')[0] as keyof typeof most]);
          let end: () => void = () => undefined;
          const work = new Promise<void>((done) => {
            end = done;
          });
          const inside = inShare(claim, () => work);
          expect(await isIn(inside)).toBe(fits);
          if (!fits) continue;
          running.set(end, names);
          if (!ends) continue;
          end();
          await inside;
          running.delete(end);
        }
      }),
    );
  });
});
