/** A bulk operation and its undo, while its workers are killed, Redis is emptied, and it is paused: all in own processes. */
import { expect, test } from 'vitest';
import { runScenario } from './scenario.ts';
import { bulkKilled } from './scenarios/bulk.ts';

/** Of 100,000 orders; `npm run chaos -- --scenario B1` takes 20,000, and with `--scale full` 1,000,000. */
const scale = 0.04;
const timeout = 900_000;

test('every order is changed exactly once through five kills, a pause and an emptied Redis, and undone exactly', {
  timeout,
}, async () => {
  const { ok, note } = await runScenario(bulkKilled, { seed: 1, scale, unfenced: false });
  expect(ok, note).toBe(true);
});
