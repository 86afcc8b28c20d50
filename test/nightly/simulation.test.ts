/** The seeds of the simulated machinery that the daily run leaves out: 51 to 200. */
import { describe, expect, test } from 'vitest';
import { openModels, syncIndexes } from '../../models/open.ts';
import { simulate } from '../simulation/simulate.ts';
import { freshDatabase } from '../support/mongo.ts';

describe('the machinery', async () => {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);

  test.each([51, 101, 151])('keeps every invariant on 50 seeds from %i', { timeout: 300_000 }, async (first) => {
    for (let seed = first; seed < first + 50; seed += 1) {
      const { faults } = await simulate(models, seed);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
    }
  });
});
