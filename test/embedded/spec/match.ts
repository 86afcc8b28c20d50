/**
 * The unified test format's idea of a match: a document at the root may have more fields than expected, one inside may
 * not, and `$$` operators stand for what can't be written down. Answers what differs, or nothing.
 */
import { EJSON } from 'bson';

type Fields = Record<string, unknown>;

export function difference(expected: unknown, given: unknown, { path = 'root', root = true } = {}): string | undefined {
  const actual = given instanceof Map ? Object.fromEntries(given) : given;
  if (isFields(expected)) {
    const special = Object.keys(expected)[0];
    if (special?.startsWith('$$')) return differenceBy(special, expected[special], { actual, path, root });
    return differenceOfFields(expected, actual, { path, root });
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return unlike(path, expected, actual);
    return firstOf(expected.map((item, i) => difference(item, actual[i], { path: `${path}.${i}`, root })));
  }
  return same(expected, actual) ? undefined : unlike(path, expected, actual);
}

interface Place {
  actual: unknown;
  path: string;
  root: boolean;
}

function differenceBy(operator: string, operand: unknown, { actual, path, root }: Place): string | undefined {
  switch (operator) {
    case '$$exists':
      return (actual !== undefined) === operand ? undefined : `${path} should ${operand ? '' : 'not '}exist`;
    case '$$unsetOrMatches':
      return actual === undefined ? undefined : difference(operand, actual, { path, root });
    case '$$type': {
      const types = [operand].flat() as string[];
      return types.some((type) => isOfType(actual, type)) ? undefined : `${path} is not of type ${types}`;
    }
    default:
      return `${path}: ${operator} is not known to this runner`;
  }
}

function differenceOfFields(expected: Fields, actual: unknown, { path, root }: { path: string; root: boolean }) {
  if (!isFields(actual)) return unlike(path, expected, actual);
  const keys = Object.keys(expected);
  const found = firstOf(
    keys.map((key) => difference(expected[key], actual[key], { path: `${path}.${key}`, root: false })),
  );
  if (found || root) return found;
  const extra = Object.keys(actual).filter((key) => !keys.includes(key) && actual[key] !== undefined);
  return extra.length > 0 ? `${path} has more fields: ${extra}` : undefined;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'int' || type === 'long')
    return Number.isInteger(value) || typeof value === 'bigint' || isBson(value, 'Long');
  if (type === 'double' || type === 'number') return typeof value === 'number';
  if (type === 'string') return typeof value === 'string';
  if (type === 'object') return isFields(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'objectId') return isBson(value, 'ObjectId');
  return false;
}

function same(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'number' && isBson(actual, 'Long')) return expected === Number(String(actual));
  if (typeof expected !== 'object' || expected === null) return expected === actual;
  return EJSON.stringify(expected) === EJSON.stringify(actual);
}

function isBson(value: unknown, type: string): boolean {
  return typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === type;
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !('_bsontype' in value)
  );
}

function unlike(path: string, expected: unknown, actual: unknown): string {
  return `${path}: expected ${EJSON.stringify(expected as never)}, got ${EJSON.stringify(actual as never)}`;
}

function firstOf(found: (string | undefined)[]): string | undefined {
  return found.find((one) => one !== undefined);
}
