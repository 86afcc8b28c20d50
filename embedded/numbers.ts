/**
 * Sums and products in MongoDB's numeric types: double over int64 over int32; decimals are stored, not calculated with. A JavaScript number is an
 * int32 or a double by its value; integral doubles and int64 come as bson's own classes from `decodeExact`.
 */
import { Double, Int32, Long } from 'bson';
import { bsonTypeOf } from './codec.ts';
import { CommandError, unsupported } from './errors.ts';

const CLASSES = new Set(['Long', 'Double', 'Int32', 'Decimal128']);

export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || CLASSES.has(bsonTypeOf(value) ?? '');
}

/** bson's numeric classes as JavaScript's number, everything else as it is. */
export function asNumber(value: unknown): unknown {
  return typeof value !== 'number' && isNumeric(value) ? Number(String(value)) : value;
}

export const add = (a: unknown, b: unknown): unknown =>
  combine([a, b], { double: (x, y) => x + y, integer: (x, y) => x + y });

export const multiply = (a: unknown, b: unknown): unknown =>
  combine([a, b], { double: (x, y) => x * y, integer: (x, y) => x * y });

interface Operation {
  double(x: number, y: number): number;
  integer(x: bigint, y: bigint): bigint;
}

function combine(operands: [unknown, unknown], operation: Operation): unknown {
  const is = (type: string) => operands.some((one) => bsonTypeOf(one) === type);
  if (is('Decimal128')) throw unsupported('Arithmetic with decimals', 2);
  if (is('Double') || !operands.every((one) => typeof one !== 'number' || Number.isSafeInteger(one))) {
    const [x, y] = operands.map((one) => asNumber(one) as number) as [number, number];
    return new Double(operation.double(x, y));
  }
  const [x, y] = operands.map((one) => BigInt(String(one))) as [bigint, bigint];
  const result = operation.integer(x, y);
  if (!is('Long') && BigInt.asIntN(32, result) === result) return new Int32(Number(result));
  if (BigInt.asIntN(64, result) === result) return Long.fromBigInt(result);
  throw new CommandError(2, `Failed to apply the operation: ${operands.map(String).join(' and ')} overflow`);
}
