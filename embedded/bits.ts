/** `$bitsAllSet` and its like, on whole numbers and on binary data, whose bits count from the first byte's lowest. */
import { type Binary, Long } from 'bson';
import { bsonTypeOf } from './codec.ts';
import { CommandError } from './errors.ts';
import { isNumeric } from './numbers.ts';

export function bitsTest(operand: unknown, holds: (set: bigint, mask: bigint) => boolean): (value: unknown) => boolean {
  const mask = maskOf(operand);
  return (value) => {
    const bits = bitsOf(value);
    return bits !== undefined && holds(bits & mask, mask);
  };
}

function maskOf(operand: unknown): bigint {
  if (Array.isArray(operand))
    return operand.reduce((mask: bigint, position) => mask | (1n << positionOf(position)), 0n);
  const bits = bitsOf(operand);
  if (bits === undefined || bits < 0n)
    throw new CommandError(9, 'a bit mask must be a non-negative whole number, binary data or a list of positions');
  return bits;
}

/** MongoDB takes more, and finds only the sign beyond a number's 64 bits; binary data has 16 MB at most. */
const MOST = 16 * 1024 * 1024 * 8;

function positionOf(position: unknown): bigint {
  if (typeof position === 'number' && Number.isInteger(position) && position >= 0 && position < MOST)
    return BigInt(position);
  throw new CommandError(2, `bit positions must be whole numbers from 0, not ${String(position)}`);
}

/** Undefined for what has no bits; a negative number has its sign in all bits above. */
function bitsOf(value: unknown): bigint | undefined {
  if (bsonTypeOf(value) === 'Binary') {
    const { buffer, position } = value as Binary;
    const hex = Buffer.from(buffer.subarray(0, position)).reverse().toString('hex');
    return hex ? BigInt(`0x${hex}`) : 0n;
  }
  if (value instanceof Long) return value.toBigInt();
  const number = isNumeric(value) ? Number(String(value)) : Number.NaN;
  return Number.isInteger(number) && Math.abs(number) < 2 ** 63 ? BigInt(number) : undefined;
}
