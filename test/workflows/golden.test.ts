/** A published version means what it meant: every order pinned to it goes on as it would have. */
import { describe, expect, test } from 'vitest';
import { products } from '../../workflows/index.ts';
import { readGolden, record, replay } from '../support/golden.ts';

const published = Object.values(products)
  .flat()
  .map((workflow) => ({ name: `${workflow.product} v${workflow.version}`, workflow }));

describe('a published version', () => {
  test.each(published)('$name still leads from the same commands to the same events', async ({ workflow }) => {
    const golden = await readGolden(workflow);
    expect(golden.steps.length).toBeGreaterThan(1);
    expect(replay(golden)).toEqual(golden);
  });

  test('that is edited in place is found out', async () => {
    const [{ workflow }] = published.filter(({ name }) => name.startsWith('seo')) as [(typeof published)[number]];
    const golden = await readGolden(workflow);
    const other = record(workflow);
    other.steps[0]!.command = { ...other.steps[0]!.command, tier: 'basic' } as never;
    expect(replay(other)).not.toEqual(golden);
  });
});
