/** Notes are people's words: however many there are, each is on the order or on its way to the collection. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../../workflows/engine/run.ts';
import { heldNotes, noteCountOf } from '../../workflows/rules/notes.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { admin, anOrder, asking } from '../support/given.ts';

const order = anOrder('seo');
const at = new Date('2026-03-02T10:00:00Z');

/** An order from before notes were counted. */
const withOld = (count: number): OrderState => ({
  ...order,
  ...(count > 0 && { notes: Array.from({ length: count }, (_, n) => ({ text: `old ${n + 1}`, by: 'ann', at })) }),
});

function write(state: OrderState, text: string, kept: Map<number, string>): OrderState {
  const change = run(state, { type: 'note-order', text }, asking(admin));
  for (const effect of change.effects) {
    if (effect.type === 'keep-notes') for (const note of effect.notes) kept.set(note.number, note.text);
  }
  return change.state;
}

describe('notes', () => {
  test('are all there, in the order they were written, however many there are and were', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(130), (old, added) => {
        const kept = new Map<number, string>();
        let state = withOld(old);
        for (let n = 1; n <= added; n += 1) state = write(state, `new ${n}`, kept);
        for (const { number, text } of heldNotes(state)) {
          expect(kept.get(number) ?? text).toBe(text);
          kept.set(number, text);
        }
        const texts = [...kept].sort(([a], [b]) => a - b).map(([, text]) => text);
        expect(texts).toEqual([
          ...Array.from({ length: old }, (_, n) => `old ${n + 1}`),
          ...Array.from({ length: added }, (_, n) => `new ${n + 1}`),
        ]);
        expect(noteCountOf(state)).toBe(old + added);
        expect(state.notes?.length ?? 0).toBeLessThanOrEqual(50);
      }),
      { numRuns: 30 },
    );
  });

  test('leave the order only long after they were handed to the collection', () => {
    const kept = new Map<number, string>();
    let state = withOld(50);
    for (let n = 1; n <= 60; n += 1) {
      const known = new Set(kept.keys());
      const before = state;
      state = write(state, `new ${n}`, kept);
      const left = heldNotes(before).filter(({ number }) => !heldNotes(state).some((one) => one.number === number));
      if (n > 1) for (const { number } of left) expect(known.has(number)).toBe(true);
    }
  });
});
