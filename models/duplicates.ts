/**
 * Inserting what may be there already. Only a duplicate `_id` may be passed over: any other duplicate is a broken rule.
 */
import mongoose from 'mongoose';

const duplicateKey = 11_000;

/** Waits for an insert and tells how many of its documents were there already; every other error is thrown on. */
export async function ignoringDuplicates(insert: Promise<unknown>): Promise<{ duplicates: number }> {
  try {
    await insert;
    return { duplicates: 0 };
  } catch (error) {
    const errors = writeErrors(error);
    if (errors.length === 0 || !errors.every(isDuplicateId)) throw error;
    return { duplicates: errors.length };
  }
}

/** True when the error says that the `_id` is taken. An entry of a bulk error has no keyPattern, only a sentence. */
function isDuplicateId(error: unknown): boolean {
  const { code, keyPattern, errmsg, message = '' } = error as ErrorDetails;
  if (code !== duplicateKey) return false;
  return keyPattern ? Object.keys(keyPattern).join() === '_id' : /index: _id_/.test(errmsg ?? message);
}

/** True when the error says that something which may be there once is there already. */
export const isDuplicate = (error: unknown): boolean => (error as ErrorDetails).code === duplicateKey;

interface ErrorDetails {
  code?: number;
  keyPattern?: Record<string, unknown>;
  errmsg?: string;
  message?: string;
}

function writeErrors(error: unknown): unknown[] {
  if (!(error instanceof mongoose.mongo.MongoServerError)) return [];
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return [error];
  return Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
}
