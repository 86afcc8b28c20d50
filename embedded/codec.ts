/**
 * Documents to bytes and back. Numbers come out as JavaScript numbers, so an int64 beyond 2^53 stays a `Long` and an
 * integral double goes back in as an int. mingo compares what it doesn't know by `toString`, and bson's `Binary` says
 * its bytes as lossy UTF-8 there, which once made two different files equal: hence the hexadecimal below.
 */
import { Binary, BSON } from 'bson';

export type Doc = Record<string, unknown>;

export const MAX_DOCUMENT = 16 * 1024 * 1024;

Binary.prototype.toString = function asHex(this: Binary): string {
  return `${this.sub_type}:${Buffer.from(this.buffer.buffer, this.buffer.byteOffset, this.position).toString('hex')}`;
};

export function decode(bytes: Uint8Array): Doc {
  return BSON.deserialize(bytes, { promoteBuffers: false, bsonRegExp: true, useBigInt64: false });
}

export function encode(doc: Doc): Buffer {
  const bytes = BSON.serialize(doc, { ignoreUndefined: true });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A document of fields, as against an array, a date or one of BSON's own classes. */
export function isPlain(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function bsonTypeOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && '_bsontype' in value ? String(value._bsontype) : undefined;
}
