/**
 * Signed-in browsers: one record for each, under the hash of what the cookie says. A session is good while its record is
 * there: signing out deletes it, so that a copy of the cookie is worth nothing afterwards.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { sha256 } from '../kernel/ids.ts';
import { collectionSchema } from './collection.ts';
import { plainStore } from './plain.ts';

interface Session {
  _id: string;
  /** The id of the API key that was signed in with. */
  key: string;
  expireAt: Date;
}

const schema = collectionSchema('sessions');
schema.index({ expireAt: 1 }, { expireAfterSeconds: 0 });

export function sessionStore(connection: Connection) {
  const sessions = plainStore<Session>(connection, 'Session', schema);
  return {
    /** Resolves to the token for the cookie; it is stored nowhere. */
    async begin(key: string, expireAt: Date): Promise<string> {
      const token = randomBytes(32).toString('base64url');
      await sessions.put({ _id: sha256(token), key, expireAt });
      return token;
    },

    /** The id of the key, or undefined when the session is over or never was. */
    async keyOf(token: string, now: Date): Promise<string | undefined> {
      const found = await sessions.documents.findOne({ _id: sha256(token), expireAt: { $gt: now } });
      return found?.key;
    },

    end: async (token: string): Promise<void> => void (await sessions.documents.deleteOne({ _id: sha256(token) })),

    model: sessions.model,
  };
}
