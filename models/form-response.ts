/**
 * What clients have sent in, one document for each submission, never changed. It is saved before the order's commit that
 * refers to it: a response without a commit is harmless, a commit without its response is not.
 */
import type { Connection } from 'mongoose';
import { collectionSchema, openCollection } from './collection.ts';
import { ignoringDuplicates } from './duplicates.ts';

export interface FormResponse {
  _id: string;
  agency: string;
  account: string;
  order: string;
  stage: string;
  round: number;
  link: string;
  answers: Record<string, unknown>;
  /** What was typed where the answer is kept in another form: `1.500` for 150000, by the name of its control. */
  typed?: { field: string; text: string }[];
  hash: string;
  at: Date;
}

const schema = collectionSchema('form_responses');
schema.index({ order: 1, stage: 1, round: 1 });

export function formResponseStore(connection: Connection) {
  const { model, documents } = openCollection<FormResponse>(connection, 'FormResponse', schema);
  const get = (id: string) => documents.findOne({ _id: id });

  return {
    get,

    /** Saves a response unless it is there, and resolves to what is there: compare it, if the id came from outside. */
    async save(response: FormResponse): Promise<FormResponse> {
      const { duplicates } = await ignoringDuplicates(documents.insertOne(response));
      return (duplicates > 0 && (await get(response._id))) || response;
    },

    /** Every submission for an order, oldest first. */
    ofOrder: (order: string) => documents.find({ order }).sort({ at: 1, _id: 1 }).toArray(),

    model,
  };
}
