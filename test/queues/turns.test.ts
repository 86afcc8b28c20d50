/** Whose turn is when: property tests of the rule alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newTurns, shares } from '../../queues/turns.ts';

const lane = fc.record({ sender: fc.constantFrom('', 'a', 'b'), account: fc.constantFrom('x', 'y', 'z') });

describe('a turn', () => {
  test('is the present one for whoever has not asked yet, however many others have', () => {
    const turns = newTurns();
    for (let n = 0; n < 100_000; n += 1) turns.next({ sender: 'a', account: 'x' }, 1);
    expect(turns.next({ sender: 'a', account: 'y' }, 1)).toBe(1);
    expect(turns.next({ sender: 'b', account: 'x' }, 1)).toBe(1);
    expect(turns.next({ sender: 'a', account: 'x' }, 1)).toBe(1 + 100_000 / shares.account);
  });

  test('comes later for a sender with thousands of accounts, and not for others', () => {
    const turns = newTurns();
    for (let n = 0; n < 10_000; n += 1) turns.next({ sender: 'a', account: `${n}` }, 1);
    expect(turns.next({ sender: 'a', account: 'one more' }, 1)).toBe(1 + 10_000 / shares.sender);
    expect(turns.next({ sender: 'b', account: 'x' }, 1)).toBe(1);
  });

  test('never goes back within a lane while its sender keeps to its share, and holds no more than a share', () => {
    fc.assert(
      fc.property(fc.array(lane, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (lanes, current) => {
        const turns = newTurns();
        const given = lanes.map((one) => ({ key: `${one.sender}|${one.account}`, turn: turns.next(one, current) }));
        for (const key of new Set(given.map((one) => one.key))) {
          const own = given.filter((one) => one.key === key).map(({ turn }) => turn);
          expect(own).toEqual([...own].sort((a, b) => a - b));
          expect(Math.min(...own)).toBe(current);
          for (const turn of own) expect(own.filter((one) => one === turn).length).toBeLessThanOrEqual(shares.account);
        }
      }),
    );
  });

  test('that is over is forgotten', () => {
    const turns = newTurns();
    for (let n = 0; n < 1_000; n += 1) turns.next({ sender: 'a', account: 'x' }, 1);
    turns.forget(1_000);
    expect(turns.next({ sender: 'a', account: 'x' }, 1)).toBe(1);
  });
});
