/** A published version means what it meant: every order pinned to it goes on as it would have. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stage } from '../../workflows/graph/workflow.ts';
import { products } from '../../workflows/index.ts';
import { type Golden, readGolden, replay } from '../support/golden.ts';

const published = Object.values(products)
  .flat()
  .map((workflow) => ({ name: `${workflow.product} v${workflow.version}`, workflow }));

/** What somebody may change in a product file that is already in use; each puts it back. */
const edits: [string, (stage: Stage) => () => void][] = [
  ['the budget of a stage', (stage) => changing(stage, { budget: stage.budget + 1 })],
  ['who has the ball', (stage) => changing(stage, { holder: 'third_party' })],
  ['what a stage waits for', (stage) => changing(stage, { needs: [unheardOf] })],
  ['what a stage is left with', (stage) => changing(stage, { exit: z.strictObject({ other: z.string() }) })],
];

const unheardOf = { fact: 'site.unheard-of', missing: 'It is missing.', cure: 'Nothing.' };

function changing(stage: Stage, fields: Partial<Stage>): () => void {
  const was = { ...stage };
  Object.assign(stage, fields);
  return () => {
    for (const name of Object.keys(fields)) Reflect.deleteProperty(stage, name);
    Object.assign(stage, was);
  };
}

describe('a published version', () => {
  test.each(published)('$name still leads from the same commands to the same events and effects', ({ workflow }) => {
    const golden = readGolden(workflow);
    expect(golden.steps.length).toBeGreaterThan(1);
    expect(replay(golden)).toEqual(golden);
  });

  test.each(published)('$name that is edited in place is found out', ({ workflow }) => {
    const golden = readGolden(workflow);
    for (const [what, edit] of edits) {
      const putBack = edit(workflow.stages[0]!);
      try {
        expect(again(golden), what).not.toEqual(golden);
      } finally {
        putBack();
      }
    }
    expect(replay(golden)).toEqual(golden);
  });
});

/** An edit may also lead to a command that is refused now. */
function again(golden: Golden): unknown {
  try {
    return replay(golden);
  } catch (error) {
    return error;
  }
}
