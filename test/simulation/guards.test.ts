/** Each guard of the machinery removes an interleaving that lost or doubled something: without it the checker goes red. */
import { afterAll, describe, expect, test } from 'vitest';
import { openModels, syncIndexes } from '../../models/open.ts';
import { freshDatabase } from '../support/mongo.ts';
import { guards } from './guards.ts';
import { simulate } from './simulate.ts';

const seeds = 60;

describe('without', async () => {
  const models = openModels(await freshDatabase());
  await syncIndexes(models);
  const table: string[] = [];

  afterAll(() => console.log(['guard taken out → first finding', ...table].join('\n')));

  test.each(guards)('$name, the checker goes red', { timeout: 240_000 }, async ({ name, without, run = simulate }) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { faults } = await run(without(models), seed);
      if (faults.length === 0) continue;
      table.push(`${name} → seed ${seed}: ${faults[0]}`);
      return;
    }
    expect.unreachable(`${seeds} seeds stayed green`);
  });
});
