/**
 * Notes of orders, one document each, never changed: people's words, which an order alone would have to drop sooner or
 * later. The id is made of the order, the note's number and when it was written, so that keeping one twice keeps it once. A
 * number whose note was undone is given to another: of two under one number, the later stands.
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
schema.index({ order: 1, number: -1, at: -1 });

const idOf = (order: string, { number, at }: Content): string =>
  hashedId('note', order, String(number), at.toISOString());

export function noteStore(connection: Connection) {
  const { model, documents } = openCollection<NoteRecord>(connection, 'Note', schema);

  return {
    async keep(of: Pick<NoteRecord, 'agency' | 'account' | 'order'>, notes: readonly Content[]): Promise<void> {
      if (notes.length === 0) return;
      const kept = notes.map((note) => ({ _id: idOf(of.order, note), ...of, ...note }));
      await ignoringDuplicates(documents.insertMany(kept, { ordered: false }));
    },

    /** The notes of an order whose numbers are in this range, the newest first. */
    async between(order: string, { from, to }: { from: number; to: number }): Promise<NoteRecord[]> {
      const found = documents.find({ order, number: { $gte: from, $lte: to } }).sort({ number: -1, at: -1 });
      const notes = await found.toArray();
      return notes.filter(({ number }, index) => number !== notes[index - 1]?.number);
    },

    model,
  };
}
