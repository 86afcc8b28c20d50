/**
 * Documents to bytes and back. `decode` gives JavaScript numbers: an integral double or an int64 that came out that way
 * goes back in as an int, so what will be written is read with `decodeExact`. mingo compares what it doesn't know by
 * `toString`, and bson's `Binary` says its bytes as lossy UTF-8 there, which once made two different files equal: hence
 * the hexadecimal below.
 */
import { Binary, BSON, Double, Int32 } from 'bson';

export type Doc = Record<string, unknown>;

export const MAX_DOCUMENT = 16 * 1024 * 1024;

Binary.prototype.toString = function asHex(this: Binary): string {
  return `${this.sub_type}:${Buffer.from(this.buffer.buffer, this.buffer.byteOffset, this.position).toString('hex')}`;
};

export function decode(bytes: Uint8Array): Doc {
  return BSON.deserialize(bytes, { promoteBuffers: false, bsonRegExp: true, useBigInt64: false });
}

/**
 * Numbers as they rest: an int64 as `Long`, an integral double as `Double`, which encode to what they were. For updates
 * and for filters that ask for a type; few documents have such numbers, and the others are decoded as ever.
 */
export function decodeExact(bytes: Uint8Array): Doc {
  if (!hasExact(bytes)) return decode(bytes);
  const exact = { promoteBuffers: false, bsonRegExp: true, promoteValues: false, promoteLongs: false };
  return unwrapped(BSON.deserialize(bytes, exact)) as Doc;
}

/** By type: double, undefined, ObjectId, boolean, date, null, int32, timestamp, int64, decimal, max key, min key. */
const LENGTHS: Record<number, number> = {
  ...{ 1: 8, 6: 0, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0 },
};
const STRINGS = new Set([2, 13, 14]);
/** Regular expressions, pointers and code have no length that could be stepped over: the decoder shall tell. */
const UNKNOWN = new Set([11, 12, 15]);
const LONG = 18;

/** Looks at the types and steps over all else; the bytes have been decoded before, so their lengths are right. */
export function hasExact(bytes: Uint8Array, start = 0): boolean {
  const end = start + sizeAt(bytes, start) - 1;
  let at = start + 4;
  while (at < end) {
    const type = bytes[at++] ?? 0;
    while (bytes[at++]);
    if (type === LONG || UNKNOWN.has(type) || (type === 1 && isIntegral(bytes, at))) return true;
    if ((type === 3 || type === 4) && hasExact(bytes, at)) return true;
    at += lengthOf(bytes, type, at);
  }
  return false;
}

function lengthOf(bytes: Uint8Array, type: number, at: number): number {
  return LENGTHS[type] ?? sizeAt(bytes, at) + (STRINGS.has(type) ? 4 : type === 5 ? 5 : 0);
}

function sizeAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

function isIntegral(bytes: Uint8Array, at: number): boolean {
  return Number.isInteger(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true));
}

function unwrapped(value: unknown): unknown {
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return Number.isInteger(value.value) ? value : value.value;
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isPlain(value)) return value;
  for (const [name, item] of Object.entries(value)) value[name] = unwrapped(item);
  return value;
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
