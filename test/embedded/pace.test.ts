/** How many documents have room in a turn, told from what those of their kind took. */
import { expect, test } from 'vitest';
import { newPace } from '../../embedded/pace.ts';
import type { Message } from '../../embedded/wire.ts';

const message = (body: Record<string, unknown>) => ({ body }) as unknown as Message;
const [orders, lines] = [message({ update: 'orders' }), message({ insert: 'audit' })];

function learned(each: [Message, number][]) {
  const pace = newPace();
  for (const [kind, ms] of each) for (let n = 0; n < 20; n += 1) pace.learn(kind, 50, 50 * ms);
  return pace;
}

test('each kind has as much room as it is fast', () => {
  const pace = learned([
    [orders, 0.5],
    [lines, 0.05],
  ]);
  expect([pace.room(orders, 10.1), pace.room(lines, 10.1)]).toEqual([20, 201]);
  expect(pace.expected(orders, 50)).toBeCloseTo(25);
});

test('too few to be worth a part have none', () => {
  expect(learned([[orders, 1]]).room(orders, 3)).toBe(0);
});

test('what is slow by chance counts half, and is forgotten', () => {
  const pace = learned([[orders, 0.5]]);
  pace.learn(orders, 50, 500);
  expect(pace.expected(orders, 10)).toBeCloseTo(52.5);
  for (let n = 0; n < 10; n += 1) pace.learn(orders, 50, 25);
  expect(pace.expected(orders, 10)).toBeLessThan(6);
});

test('whoever is alone has all the room that there is', () => {
  expect(newPace().room(orders, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});
