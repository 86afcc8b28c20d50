/** The checker of the trials can go red. */
import { expect, test } from 'vitest';
import { runScenario } from './scenario.ts';
import { fence } from './scenarios/short.ts';

test('without the fence in the commit, the checker names what was done twice', { timeout: 400_000 }, async () => {
  const { ok, duplicates, note } = await runScenario(fence, { seed: 1, scale: 0.2, unfenced: true });
  expect(ok, note).toBe(false);
  expect(duplicates, note).toBeGreaterThan(0);
  expect(note).toMatch(/duplicate: .*(applied|committed)/);
});
