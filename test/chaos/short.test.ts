/** The short form of the trials: what runs as separate processes survives their deaths. */
import { describe, expect, test } from 'vitest';
import { runScenario } from './scenario.ts';
import { short } from './scenarios/short.ts';

const options = { seed: 1, scale: 0.2, unfenced: false };
const timeout = 400_000;

describe('separate processes on private servers', () => {
  test('lose and double nothing when workers, Redis and the database are killed', { timeout }, async () => {
    const { note, lost, duplicates, gaps, stuck, orphans, leaks } = await runScenario(short, options);
    expect({ lost, duplicates, gaps, stuck, orphans, leaks }, note).toEqual(nothing);
  });
});

const nothing = { lost: 0, duplicates: 0, gaps: 0, stuck: 0, orphans: 0, leaks: 0 };
