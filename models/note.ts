/**
 * Notes of orders, one document each, never changed: people's words, which an order alone would have to drop sooner or
 * later. The id is made of the order and the note's number, so that keeping one twice keeps it once.
 */
import type { Connection } from 'mongoose';
import { hashedId } from '../kernel/ids.ts';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

interface NoteRecord {
  _id: string;
  agency: string;
  account: string;
  order: string;
  number: number;
  text: string;
  by: string;
  at: Date;
}

type Content = Pick<NoteRecord, 'number' | 'text' | 'by' | 'at'>;

const schema = collectionSchema('notes');
schema.index({ order: 1, number: -1 });

export function noteStore(connection: Connection) {
  const { model, documents } = openCollection<NoteRecord>(connection, 'Note', schema);

  return {
    async keep(of: Pick<NoteRecord, 'agency' | 'account' | 'order'>, notes: readonly Content[]): Promise<void> {
      if (notes.length === 0) return;
      const kept = notes.map((note) => ({ _id: hashedId('note', of.order, String(note.number)), ...of, ...note }));
      await ignoringDuplicates(documents.insertMany(kept, { ordered: false }));
    },

    /** The notes of an order whose numbers are in this range, the newest first. */
    between: (order: string, { from, to }: { from: number; to: number }) =>
      documents
        .find({ order, number: { $gte: from, $lte: to } })
        .sort({ number: -1 })
        .toArray(),

    model,
  };
}
