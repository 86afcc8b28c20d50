/**
 * Sums and products in MongoDB's numeric types: decimal over double over int64 over int32. A JavaScript number is an
 * int32 or a double by its value; integral doubles and int64 come as bson's own classes from `decodeExact`.
 */
import { Decimal128, Double, Int32, Long } from 'bson';
import { bsonTypeOf } from './codec.ts';
import { CommandError } from './errors.ts';

const CLASSES = new Set(['Long', 'Double', 'Int32', 'Decimal128']);

export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || CLASSES.has(bsonTypeOf(value) ?? '');
}

/** bson's numeric classes as JavaScript's number, everything else as it is. */
export function asNumber(value: unknown): unknown {
  return typeof value !== 'number' && isNumeric(value) ? Number(String(value)) : value;
}

export const add = (a: unknown, b: unknown): unknown =>
  combine([a, b], {
    double: (x, y) => x + y,
    integer: (x, y) => x + y,
    decimal: (x, y) => {
      const exponent = Math.min(x.exponent, y.exponent);
      return { digits: shifted(x, exponent) + shifted(y, exponent), exponent };
    },
  });

export const multiply = (a: unknown, b: unknown): unknown =>
  combine([a, b], {
    double: (x, y) => x * y,
    integer: (x, y) => x * y,
    decimal: (x, y) => ({ digits: x.digits * y.digits, exponent: x.exponent + y.exponent }),
  });

interface Decimal {
  digits: bigint;
  exponent: number;
}

interface Operation {
  double(x: number, y: number): number;
  integer(x: bigint, y: bigint): bigint;
  decimal(x: Decimal, y: Decimal): Decimal;
}

function combine(operands: [unknown, unknown], operation: Operation): unknown {
  const numbers = operands.map((one) => asNumber(one) as number) as [number, number];
  const is = (type: string) => operands.some((one) => bsonTypeOf(one) === type);
  if (is('Decimal128')) {
    const [x, y] = operands.map((one) => decimalOf(String(one)));
    if (!x || !y) return Decimal128.fromString(String(operation.double(...numbers)));
    const { digits, exponent } = operation.decimal(x, y);
    return Decimal128.fromStringWithRounding(`${digits}E${exponent}`);
  }
  if (is('Double') || !operands.every((one) => typeof one !== 'number' || Number.isSafeInteger(one))) {
    return new Double(operation.double(...numbers));
  }
  const [x, y] = operands.map((one) => BigInt(String(one))) as [bigint, bigint];
  const result = operation.integer(x, y);
  if (!is('Long') && BigInt.asIntN(32, result) === result) return new Int32(Number(result));
  if (BigInt.asIntN(64, result) === result) return Long.fromBigInt(result);
  throw new CommandError(
    2,
    `Failed to apply the operation: ${String(operands[0])} and ${String(operands[1])} overflow`,
  );
}

/** Undefined for what is not finite. */
function decimalOf(text: string): Decimal | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole === '') return undefined;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

function shifted({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
