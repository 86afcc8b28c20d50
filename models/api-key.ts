/**
 * API keys, `ow_<prefix>_<secret>`: the prefix is the document's id, of the secret only the hash is kept. The secret is
 * 32 random bytes, so that a plain hash is enough: nobody can guess their way to it.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { Role } from '../kernel/actor.ts';
import { sha256 } from '../kernel/ids.ts';
import { isSame } from '../kernel/tokens.ts';
import { collectionSchema, openCollection } from './collection.ts';
import type { Scope } from './scope.ts';

export interface ApiKey extends Scope {
  _id: string;
  hash: string;
  name: string;
  /** A person's key or another program's. */
  type: 'staff' | 'service';
  role: Role;
  createdAt: Date;
  expiresAt?: Date;
  revokedAt?: Date;
}

export type NewApiKey = Omit<ApiKey, '_id' | 'hash' | 'createdAt' | 'revokedAt'>;

const schema = collectionSchema('api_keys');
schema.index({ agency: 1, createdAt: -1 });

const pattern = /^ow_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;

const isOver = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  revokedAt !== undefined || (expiresAt !== undefined && expiresAt <= now);

export function apiKeyStore(connection: Connection) {
  const { model, documents: keys } = openCollection<ApiKey>(connection, 'ApiKey', schema);

  /** The key's document, or undefined when it has expired or was revoked. */
  async function get(id: string, now: Date): Promise<ApiKey | undefined> {
    const found = await keys.findOne({ _id: id });
    return found && !isOver(found, now) ? found : undefined;
  }

  return {
    get,

    /** Makes a key. What is returned under `key` is shown once and stored nowhere. */
    async issue(
      given: NewApiKey,
      now: Date,
      id = randomBytes(6).toString('hex'),
    ): Promise<{ key: string; id: string }> {
      if (given.role === 'account_manager' && given.accounts === undefined) {
        throw new Error('The key of an account manager must name its accounts.');
      }
      const secret = randomBytes(32).toString('base64url');
      const document = { _id: id, hash: sha256(secret), ...given, createdAt: now };
      await keys.insertOne(document);
      return { key: `ow_${id}_${secret}`, id };
    },

    /** The key's document, or undefined when it is made up, expired or revoked. */
    async find(key: string, now: Date): Promise<ApiKey | undefined> {
      const [, id, secret] = pattern.exec(key) ?? [];
      if (!id || !secret) return undefined;
      const found = await get(id, now);
      return found && isSame(found.hash, sha256(secret)) ? found : undefined;
    },

    /** Those of these keys that are good, by their ids. */
    async many(ids: string[], now: Date): Promise<Map<string, ApiKey>> {
      const found = await keys.find({ _id: { $in: ids } }).toArray();
      return new Map(found.filter((key) => !isOver(key, now)).map((key) => [key._id, key]));
    },

    async revoke(id: string, now: Date): Promise<boolean> {
      const live = { _id: id, revokedAt: { $exists: false } };
      return (await keys.updateOne(live, { $set: { revokedAt: now } })).matchedCount === 1;
    },

    model,
  };
}
