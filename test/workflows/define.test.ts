/** A product file with a mistake fails when it is loaded, and the message names the stage. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineWorkflow } from '../../workflows/graph/define.ts';
import type { StageDefinition } from '../../workflows/graph/stage.ts';

const exit = z.strictObject({});
const work: StageDefinition = { title: 'Work', gate: 'work', exit, budget: 1 };

const defining = (stages: Record<string, StageDefinition>) => () =>
  defineWorkflow({
    product: 'cakes',
    version: 1,
    title: 'Cakes',
    managed: true,
    tiers: ['basic'],
    options: exit,
    stages,
  });

describe('a workflow', () => {
  test('follows the order in which its stages stand', () => {
    expect(defining({ mix: work, bake: work })().stages.map(({ key, after }) => [key, ...after])).toEqual([
      ['mix'],
      ['bake', 'mix'],
    ]);
  });

  test('needs an end', () => {
    expect(defining({})).toThrow('no end');
    expect(defining({ mix: work, taste: work, bake: { ...work, after: ['mix'] } })).toThrow(
      'Stage "taste" has no end: it does not lead to "bake".',
    );
  });

  test('reaches every stage', () => {
    expect(defining({ mix: work, bake: { ...work, after: [] } })).toThrow('Stage "bake" is unreachable');
    expect(defining({ mix: work, bake: { ...work, after: ['ice'] }, ice: { ...work, after: ['bake'] } })).toThrow(
      'Stage "bake" is unreachable: it waits for itself.',
    );
  });

  test('names only stages that exist', () => {
    expect(defining({ mix: work, bake: { ...work, after: ['mixx'] } })).toThrow('Stage "bake" names "mixx" in after');
    expect(defining({ mix: work, bake: { ...work, backTo: ['mixx'] } })).toThrow('names "mixx" in backTo');
  });

  test('goes back only to what comes before', () => {
    expect(defining({ mix: { ...work, backTo: ['bake'] }, bake: work })).toThrow(
      'Stage "mix" goes back to "bake", which does not come before it.',
    );
  });

  test('has every stage before a check by a second person vouched for, and no other', () => {
    const qa: StageDefinition = { title: 'Look', gate: 'qa', exit, budget: 1 };
    expect(defining({ mix: work, bake: work, look: { ...qa, vouchesFor: ['bake'] } })).toThrow(
      'Stage "look" does not vouch for "mix", which comes before it.',
    );
    expect(defining({ mix: work, look: { ...qa, vouchesFor: ['mix', 'sell'] }, sell: work })).toThrow(
      'Stage "look" vouches for "sell", which does not come before it.',
    );
    expect(defining({ mix: work, look: { ...qa, vouchesFor: ['mixx'] } })).toThrow('names "mixx" in vouchesFor');
    expect(defining({ mix: work, bake: { ...work, vouchesFor: ['mix'] } })).toThrow('no second person checks it');
    expect(defining({ mix: work, look: { ...qa, vouchesFor: ['mix'] } })().stages).toHaveLength(2);
  });

  test('shows something where it asks for an approval, and can take it back', () => {
    const approval: StageDefinition = { title: 'Taste', gate: 'approval', budget: 1 };
    expect(defining({ mix: work, taste: approval })).toThrow('Stage "taste" asks for an approval but shows nothing.');
    expect(defining({ mix: work, taste: { ...approval, shows: ['mix'] } })).toThrow('no way back for changes');
  });

  test('checks what is automatic, or is told', () => {
    expect(defining({ bake: { title: 'Bake', gate: 'auto', budget: 1 } })).toThrow('Stage "bake" is automatic');
    expect(defining({ bake: { title: 'Bake', gate: 'work', budget: 1 } })).toThrow('can be left with anything');
  });
});
