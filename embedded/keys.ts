/**
 * Values as bytes whose order is MongoDB's order of values, across types: indexes, sorting and comparing all use it,
 * so they can't disagree. Inside one document or array the parts keep that order too. A key never ends where another
 * goes on: every value is followed by a byte below 0xff, so `key + 0xff` comes after everything that starts with key.
 */
import type { Binary, ObjectId } from 'bson';
import { bsonTypeOf, type Doc } from './codec.ts';

export const MAX_KEY = 1900;
const UNDEFINED = 0x06;
const NULL = 0x0a;

let buffer = Buffer.allocUnsafe(4096);
let length = 0;

/** `undefined` stands for a missing value, which counts as null; an empty array's key is given by `EMPTY_ARRAY`. */
export function encodeKey(value: unknown, descending = false): Buffer {
  length = 0;
  write(value);
  const key = Buffer.from(buffer.subarray(0, length));
  return descending ? flip(key) : key;
}

export const EMPTY_ARRAY = Symbol('empty array');

export function flip(key: Buffer): Buffer {
  const flipped = Buffer.allocUnsafe(key.length);
  for (let i = 0; i < key.length; i++) flipped[i] = 0xff - (key[i] ?? 0);
  return flipped;
}

/** MongoDB compares by range within one type only: `$gt: 5` never finds a string. */
export function typeOrder(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return NULL;
    case 'number':
    case 'bigint':
      return 0x14;
    case 'string':
      return 0x1e;
    case 'boolean':
      return 0x50;
    case 'symbol':
      return UNDEFINED;
  }
  if (value === null) return NULL;
  if (Array.isArray(value)) return 0x32;
  if (value instanceof Date) return 0x5a;
  if (value instanceof RegExp) return 0x6e;
  return CLASSES[bsonTypeOf(value) ?? ''] ?? 0x28;
}

const CLASSES: Record<string, number> = {
  MinKey: 0x02,
  Long: 0x14,
  Int32: 0x14,
  Double: 0x14,
  Decimal128: 0x14,
  BSONSymbol: 0x1e,
  Binary: 0x3c,
  ObjectId: 0x46,
  Timestamp: 0x64,
  BSONRegExp: 0x6e,
  DBRef: 0x70,
  Code: 0x72,
  MaxKey: 0xf0,
};

const CLASS_TYPES: Record<string, string> = {
  Binary: 'binData',
  ObjectId: 'objectId',
  BSONRegExp: 'regex',
  Code: 'javascript',
  Timestamp: 'timestamp',
  Long: 'long',
  Decimal128: 'decimal',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
};

/** As `$type` calls it; numbers that are JavaScript's have none here, as two types share them. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return CLASS_TYPES[bsonTypeOf(value) ?? ''] ?? 'object';
}

export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : compareNaN(a, b);
  if (typeof a === 'string' && typeof b === 'string' && a === b) return 0;
  if (a instanceof Date && b instanceof Date) return Math.sign(a.getTime() - b.getTime());
  const types = typeOrder(a) - typeOrder(b);
  return types !== 0 ? Math.sign(types) : Buffer.compare(encodeKey(a), encodeKey(b));
}

function compareNaN(a: number, b: number): number {
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function write(value: unknown): void {
  const type = typeOrder(value);
  byte(type);
  PAYLOADS[type]?.(value);
}

const PAYLOADS: Record<number, (value: unknown) => void> = {
  20: (value) => writeNumber(typeof value === 'number' ? value : Number(String(value))),
  30: (value) => writeString(String(value)),
  40: (value) => writeFields(value as Doc),
  50: (value) => {
    for (const item of value as unknown[]) write(item);
    byte(0);
  },
  60: (value) => writeBinary(value as Binary),
  70: (value) => bytes((value as ObjectId).id),
  80: (value) => byte(value ? 2 : 1),
  90: (value) => writeDate((value as Date).getTime()),
  100: (value) => writeTimestamp(value as { t: number; i: number }),
  110: writeText,
  112: writeText,
  114: writeText,
};

function writeText(value: unknown): void {
  writeString(value instanceof RegExp ? `${value.source}/${value.flags}` : JSON.stringify(value));
}

/** The sign bit is flipped, and for negatives all bits, so that bytes sort as the numbers do; NaN comes first. */
function writeNumber(value: number): void {
  room(8);
  buffer.writeDoubleBE(Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value === 0 ? 0 : value, length);
  const negative = ((buffer[length] ?? 0) & 0x80) !== 0;
  for (let i = 0; i < 8; i++) {
    const old = buffer[length + i] ?? 0;
    buffer[length + i] = negative ? 0xff - old : i === 0 ? old ^ 0x80 : old;
  }
  length += 8;
  if (Number.isNaN(value)) buffer.fill(0, length - 8, length);
}

function writeString(value: string): void {
  room(value.length * 3 + 1);
  const size = buffer.write(value, length, 'utf8');
  const zero = buffer.subarray(length, length + size).includes(0);
  if (zero) escapeZeros(size);
  else length += size;
  byte(0);
}

function escapeZeros(size: number): void {
  const plain = Buffer.from(buffer.subarray(length, length + size));
  for (const one of plain) {
    byte(one);
    if (one === 0) byte(0xff);
  }
}

function writeFields(value: Doc): void {
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const type = typeOrder(item);
    byte(type);
    writeString(name);
    PAYLOADS[type]?.(item);
  }
  byte(0);
}

function writeBinary(value: Binary): void {
  room(5);
  length = buffer.writeUInt32BE(value.position, length);
  byte(value.sub_type);
  bytes(value.buffer.subarray(0, value.position));
}

function writeDate(time: number): void {
  room(8);
  length = buffer.writeBigUInt64BE(BigInt.asUintN(64, BigInt(time) ^ (1n << 63n)), length);
}

function writeTimestamp(value: { t: number; i: number }): void {
  room(8);
  length = buffer.writeUInt32BE(value.t >>> 0, length);
  length = buffer.writeUInt32BE(value.i >>> 0, length);
}

function byte(value: number): void {
  room(1);
  buffer[length++] = value;
}

function bytes(value: Uint8Array): void {
  room(value.length);
  buffer.set(value, length);
  length += value.length;
}

function room(size: number): void {
  if (length + size <= buffer.length) return;
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + size));
  buffer.copy(larger, 0, 0, length);
  buffer = larger;
}
