import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pass, spentBy } from '../../workflows/analytics/hands.ts';
import type { Span, StageSpan } from '../../workflows/analytics/span.ts';
import { changesSpans, spansOf } from '../../workflows/analytics/spans.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { spentBy as spentInState } from '../../workflows/time/clock.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { OrderEvent } from '../../workflows/words/events.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, created, given, minutesLater } from '../support/given.ts';
import { tries } from '../support/many.ts';
import { naiveRounds, type Past, somePast } from '../support/pasts.ts';

const whose = { id: 'o', agency: 'north', account: 'acme', from: new Date('2026-02-20T08:00:00Z') };
const pastOf = (seed: number): Past => somePast(seed, whose);
const told = (past: Past, lines = past.lines): Span[] => spansOf(past, lines);
const isRound = (span: Span): span is StageSpan => span.of === 'stage';
const seeds = fc.nat(1_000_000);

/** What a span says of a round by `now`, in the words of the slow way. */
function asNaive(span: StageSpan, now: Date) {
  const { _id: id, product, account, agency, stage, round, outcome, budget, ours, cleared, enteredAt, endedAt } = span;
  const till = structuredClone(span);
  if (!endedAt) pass(till, null, now);
  const { wall, business, spent } = till;
  return {
    ...{ id, product, account, agency, stage, round, outcome, budget, ours, cleared, wall, business, spent },
    ...{ enteredAt: enteredAt.getTime(), endedAt: endedAt?.getTime() ?? null },
  };
}

const eventsOf = (state: OrderState, command: OrderCommand): OrderEvent[] =>
  run(state, command, asking(admin, 'Because.')).events;

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
const withoutZero = (times: Record<string, number | undefined>) =>
  Object.fromEntries(Object.entries(times).filter(([, ms]) => ms !== 0));

describe('the spans of an order', () => {
  test('say what all its states together say', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const past = pastOf(seed);
        const now = new Date(past.lines.at(-1)!.at.getTime() + 86_400_000);
        const rounds = told(past).filter(isRound);
        const said = rounds.map((span) => asNaive(span, now)).sort(byId);
        const seen = naiveRounds(past, now).sort(byId);
        const bare = (rows: typeof seen) =>
          rows.map((row) => ({ ...row, wall: withoutZero(row.wall), business: withoutZero(row.business) }));
        expect(bare(said as typeof seen)).toEqual(bare(seen));
      }),
      tries(300),
    );
  });

  test('have spent what the order’s own clock has', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const past = pastOf(seed);
        const state = past.states.at(-1)!;
        const now = new Date(past.lines.at(-1)!.at.getTime() + 86_400_000);
        for (const span of told(past).filter(isRound)) {
          const stage = state.stages.find(({ key, round }) => key === span.stage && round === span.round);
          if (!stage || span.endedAt) continue;
          expect(spentBy(span, now)).toBe(spentInState(state, stage, now));
        }
      }),
      tries(100),
    );
  });

  test('of one version say the same, however much of the history has come', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const past = pastOf(seed);
        const seen = new Map<string, Span>();
        for (let length = 1; length <= past.lines.length; length += 1) {
          for (const span of told(past, past.lines.slice(0, length))) {
            const key = `${span._id} ${span.version}`;
            expect(span).toEqual(seen.get(key) ?? span);
            seen.set(key, span);
          }
        }
      }),
      tries(30),
    );
  });

  test('only change with events that are said to change them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const past = pastOf(seed);
        for (let length = 1; length <= past.lines.length; length += 1) {
          const { events, seq } = past.lines[length - 1]!;
          if (changesSpans(events as OrderEvent[])) continue;
          expect(told(past, past.lines.slice(0, length)).some(({ version }) => version === seq)).toBe(false);
        }
      }),
      tries(30),
    );
  });
});

describe('an order that is handed to somebody', () => {
  test('has the same spans as before', () => {
    const events = eventsOf(anOrder('seo'), { type: 'assign', manager: 'ann' });
    expect(changesSpans(events)).toBe(false);
    const made = { seq: 1, at: minutesLater(0), events: created('seo').events };
    expect(spansOf(whose, [made, { seq: 2, at: minutesLater(1), events }])).toEqual(spansOf(whose, [made]));
  });
});

describe('an order whose label is taken back', () => {
  test('has the same spans as before', () => {
    const before = anOrder('seo');
    const after = given(before).when({ type: 'set-priority', priority: 'high' }).state;
    const undo = { type: 'restore-values', operation: 'blk_1', fields: changesOf(before, after) } as const;
    const events = eventsOf(after, undo);
    expect(changesSpans(events)).toBe(false);
    const made = { seq: 1, at: minutesLater(0), events: created('seo').events };
    expect(spansOf(whose, [made, { seq: 2, at: minutesLater(1), events }])).toEqual(spansOf(whose, [made]));
  });
});

describe('an order that was cancelled by mistake', () => {
  test('counts as open again, and as never cancelled, once that is undone', () => {
    const before = anOrder('seo');
    const after = given(before).when({ type: 'cancel' }, admin, 'A mistake.').state;
    const undo = { type: 'restore-values', operation: 'blk_1', fields: changesOf(before, after) } as const;
    const lines = [created('seo').events, eventsOf(before, { type: 'cancel' }), eventsOf(after, undo)];
    const spans = spansOf(
      whose,
      lines.map((events, index) => ({ seq: index + 1, at: minutesLater(index), events })),
    );
    expect(spans[0]).toMatchObject({ of: 'order', endedAt: null, cancelled: false, version: 3 });
    expect(spans[0]).not.toHaveProperty('closedAt');
    expect(spans[1]).toMatchObject({ stage: 'intake', endedAt: null, outcome: null, holder: 'client' });
  });
});

describe('an order whose history has no beginning', () => {
  test('has no spans', () => {
    const past = pastOf(1);
    expect(told(past, [{ ...past.lines[0]!, events: [] }, ...past.lines.slice(1)])).toEqual([]);
  });
});
