/**
 * The notes of an order. They are people's words and are never dropped: an order holds its newest ones, and each is handed
 * to the `notes` collection long before it leaves the order, so that a reader who asks both misses none. Notes are
 * numbered from 1 in the order they were written; orders from before have no count, as they hold all they have.
 */
import type { Effect } from '../words/effects.ts';
import type { Note, OrderState } from '../words/state.ts';

/** How many an order holds, and how many of these at most are nowhere else. */
const held = 50;
const alone = 25;

type Noted = Pick<OrderState, 'notes' | 'noteCount' | 'notesKept'>;

export interface NumberedNote extends Note {
  number: number;
}

export const noteCountOf = ({ notes = [], noteCount = notes.length }: Noted): number => noteCount;

/** Those that the order itself holds, the newest last. */
export function heldNotes(state: Noted): NumberedNote[] {
  const notes = state.notes ?? [];
  const before = noteCountOf(state) - notes.length;
  return notes.map((note, index) => ({ number: before + index + 1, ...note }));
}

export function withNote(state: OrderState, note: Note): OrderState {
  const noteCount = noteCountOf(state) + 1;
  return {
    ...{ ...state, notes: [...(state.notes ?? []), note].slice(-held), noteCount },
    ...(noteCount > alone && { notesKept: noteCount - alone }),
  };
}

/** What the collection must have after a change: all that is about to leave the order, and is not there yet. */
export function keepNotes(before: OrderState | undefined, after: OrderState): Effect[] {
  const [from, to] = [before?.notesKept ?? 0, after.notesKept ?? 0];
  if (to <= from) return [];
  const notes = heldNotes(before ?? after).filter(({ number }) => number > from && number <= to);
  return notes.length > 0 ? [{ type: 'keep-notes', notes }] : [];
}
