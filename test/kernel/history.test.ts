/** The chain of history lines: what it covers, and that it survives storage. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chain, genesis, type HistoryEntry, isIntact } from '../../kernel/history.ts';

const entry: HistoryEntry = {
  at: new Date('2026-03-01T10:00:00.000Z'),
  work: 'w1',
  actor: { type: 'staff', id: 'key-1', role: 'order_admin' },
  cause: 'api',
  action: 'complete-stage',
  outcome: 'done',
  events: [{ type: 'stage-done', stage: 'intake' }],
};

describe('a line of history', () => {
  test('is intact as it was chained', () => {
    expect(isIntact(chain(entry, 1, genesis))).toBe(true);
  });

  test('is intact after its keys came back in another order and its dates as dates', () => {
    const { hash, ...rest } = chain(entry, 1, genesis);
    const reordered = Object.fromEntries(Object.entries(rest).reverse());
    expect(isIntact({ hash, ...reordered } as never)).toBe(true);
  });

  test('shows every change of any field', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('at', 'work', 'actor', 'cause', 'action', 'outcome', 'events', 'seq', 'prev'),
        fc.string(),
        (field, value) => {
          const line = chain(entry, 1, genesis);
          const changed = { ...line, [field]: `changed ${value}` };
          expect(isIntact(changed as never)).toBe(false);
        },
      ),
    );
  });
});
