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

const LENGTHS: Record<number, number> = { 1: 8, 7: 12, 8: 1, 9: 8, 16: 4, 17: 8, 18: 8, 19: 16 };
const STRINGS = new Set([2, 13, 14]);

/** Looks at the types and steps over all else. What it does not know it leaves to the decoder. */
export function hasExact(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const look = (start: number): boolean => {
    const end = start + view.getInt32(start, true) - 1;
    for (let at = start + 4; at < end; ) {
      const type = view.getUint8(at++);
      while (view.getUint8(at++) !== 0);
      if (type === 18 || (type === 1 && Number.isInteger(view.getFloat64(at, true)))) return true;
      if (type === 3 || type === 4) {
        if (look(at)) return true;
        at += view.getInt32(at, true);
      } else if (STRINGS.has(type)) at += 4 + view.getInt32(at, true);
      else if (type === 5) at += 5 + view.getInt32(at, true);
      else if (type === 11 || type === 12 || type === 15) return true;
      else at += LENGTHS[type] ?? 0;
    }
    return false;
  };
  return look(0);
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
