/** What a command is: its name, the fields it knows, whether it writes, and what it does. */

import type { Doc } from './codec.ts';
import type { Cursors } from './cursors.ts';
import { refuseTimeLimit } from './deadline.ts';
import { CommandError, unsupported } from './errors.ts';
import type { FailPoint } from './failpoint.ts';
import { type Collection, createCollection, type Store } from './store.ts';
import type { Reply } from './wire.ts';

export interface Server {
  failPoint?: FailPoint | undefined;
  store: Store;
  cursors: Cursors;
  address: string;
  startedAt: number;
  connections: () => number;
  setTtlPeriod: (seconds: number) => void;
}

export interface Request {
  server: Server;
  store: Store;
  db: string;
  name: string;
  command: Doc;
  sequences: Map<string, Buffer[]>;
}

export interface Command {
  /** Fields beside the command's own name and those every command knows. */
  fields: string;
  writes?: boolean | ((command: Doc) => boolean);
  run: (request: Request) => Reply;
}

const ALWAYS = new Set(
  '$db lsid $clusterTime $readPreference readConcern writeConcern comment maxTimeMS apiVersion apiStrict apiDeprecationErrors txnNumber mayBypassWriteBlocking'.split(
    ' ',
  ),
);

export function refuseUnknownFields({ name, command }: Request, { fields }: Command): void {
  if (fields === '*') return;
  const known = fields.split(' ');
  for (const field of Object.keys(command)) {
    if (field === name || ALWAYS.has(field) || known.includes(field)) continue;
    if (field === 'autocommit' || field === 'startTransaction') {
      throw unsupported('A transaction', 263);
    }
    throw new CommandError(40415, `BSON field '${name}.${field}' is an unknown field.`);
  }
  refuseTimeLimit(command['maxTimeMS']);
  const level = (command['readConcern'] as Doc | undefined)?.['level'];
  if (level === 'snapshot' || level === 'linearizable') throw unsupported(`readConcern ${level}`, 72);
  refuseCollation(command['collation']);
}

export function refuseCollation(collation: unknown): void {
  const locale = (collation as Doc | undefined)?.['locale'];
  if (collation && locale !== 'simple') throw unsupported('collation', 72);
}

export function namespaceOf({ db, name, command }: Request): { db: string; collection: string; ns: string } {
  const collection = command[name];
  if (typeof collection !== 'string' || collection === '' || collection.includes('\0')) {
    throw new CommandError(73, `Invalid namespace specified '${db}.${String(collection)}'`);
  }
  return { db, collection, ns: `${db}.${collection}` };
}

export function collectionOf(request: Request): Collection | undefined {
  return request.store.collections.get(namespaceOf(request).ns);
}

export function ensureCollection(request: Request): Collection {
  const { db, collection, ns } = namespaceOf(request);
  return request.store.collections.get(ns) ?? createCollection(request.store, { db, name: checkName(db, collection) });
}

function checkName(db: string, name: string): string {
  if (/[/\\. "$]/.test(db) || db === '') throw new CommandError(73, `'${db}' is not a valid database name`);
  if (name === '' || name.includes('$') || name.includes('\0') || name.startsWith('.') || name.startsWith('system.')) {
    throw new CommandError(73, `Invalid collection name: ${name}`);
  }
  if (`${db}.${name}`.length > 255) throw new CommandError(73, `Fully qualified namespace is too long: ${db}.${name}`);
  return name;
}
