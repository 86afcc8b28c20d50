/** Seeded runs of the machinery against the found database: whatever is lost, repeated or killed, nothing is wrong. */
import { describe, expect, test } from 'vitest';
import { openModels, syncIndexes } from '../../models/open.ts';
import { freshDatabase } from '../support/mongo.ts';
import { simulateMail } from './mail.ts';
import { simulate } from './simulate.ts';

/** The nightly run has 150 more of the first kind. */
const seeds = 50;

describe('the machinery', async () => {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);

  test(`keeps every invariant on seeds 1 to ${seeds}`, { timeout: 300_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { faults } = await simulate(models, seed);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
    }
  });

  test('sends a mail once while its sender has its turn, and never forgets it', { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { faults } = await simulateMail(models, seed);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
    }
  });
});
