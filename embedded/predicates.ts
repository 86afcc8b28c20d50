/**
 * The comparisons of a filter. mingo's differ from MongoDB's for null and missing elements, for types other than
 * JavaScript's own, and by type names, so these take their place in its context. A path through an array means any
 * of its elements, so `$ne` is "no element equals", not "some element differs".
 */
import { BSONType, Double } from 'bson';
import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import { type Doc, isPlain } from './codec.ts';
import { tick } from './deadline.ts';
import { CommandError } from './errors.ts';
import { compareValues, typeName, typeOrder } from './keys.ts';
import { asNumber } from './numbers.ts';
import { safe } from './regexp.ts';

type Test = (value: unknown) => boolean;
type Operator = (path: string, operand: unknown, options: Options) => (doc: Doc) => boolean;

/** What a path leads to: elements of arrays on the way, an array at the end and its elements, undefined if missing. */
export function valuesAt(doc: unknown, path: string): unknown[] {
  const found: unknown[] = [];
  collect(doc, path.split('.'), found);
  return found;
}

export function equals(value: unknown, operand: unknown): boolean {
  if (operand === null || operand === undefined) return value === null || value === undefined;
  if (value === operand) return true;
  if (value === undefined || value === null) return false;
  return compareValues(value, operand) === 0;
}

const $eq = any((operand) => (operand instanceof RegExp ? matches(operand) : (value) => equals(value, operand)));
const $in = any((operand) => {
  if (!Array.isArray(operand)) throw new CommandError(2, '$in needs an array');
  const fast = new Set(operand.filter(isHashable));
  const slow = operand.filter((one) => !isHashable(one)).map((one) => testOf(one));
  return (value) => fast.has(asNumber(value) as string) || slow.some((test) => test(value));
});
const $gt = comparison((order) => order > 0, false);
const $gte = comparison((order) => order >= 0, true);
const $lt = comparison((order) => order < 0, false);
const $lte = comparison((order) => order <= 0, true);

export const PREDICATES: Record<string, Operator> = {
  $eq,
  $ne: not($eq),
  $in,
  $nin: not($in),
  $gt,
  $gte,
  $lt,
  $lte,
  $all: (path, operand, options) => {
    const tests = (operand as unknown[]).map((item) => (isPlain(item) && '$elemMatch' in item ? item : testOf(item)));
    const elements = tests.map((test) =>
      typeof test === 'function' ? anyOf(path, test) : elemMatch(path, test, options),
    );
    return (doc) => elements.length > 0 && elements.every((test) => test(doc));
  },
  $mod: any((operand) => {
    if (!Array.isArray(operand) || operand.length !== 2)
      throw new CommandError(2, 'malformed mod, it needs two numbers');
    const [divisor, remainder] = operand.map((one) => Math.trunc(Number(one)));
    if (!divisor) throw new CommandError(2, 'divisor cannot be 0');
    return (value) => typeof value === 'number' && Math.trunc(value) % divisor === remainder;
  }),
  $regex: any((operand) => matches(operand as RegExp)),
  $exists: (path, operand) => (doc) => valuesAt(doc, path).some((v) => v !== undefined) === Boolean(operand),
  $type: any((operand) => {
    const names = (Array.isArray(operand) ? operand : [operand]).map(typeNamed);
    return (value) => names.some((name) => isOfType(value, name));
  }),
};

function anyOf(path: string, test: Test): (doc: Doc) => boolean {
  return (doc) => {
    tick();
    return valuesAt(doc, path).some(test);
  };
}

function elemMatch(path: string, condition: Doc, options: Options): (doc: Doc) => boolean {
  const query = new Query({ [path]: condition }, options);
  return (doc) => query.test(doc);
}

function testOf(operand: unknown): Test {
  return operand instanceof RegExp ? matches(operand) : (value) => equals(value, operand);
}

function matches(given: RegExp): Test {
  const pattern = safe(given); // mingo may have copied it.
  return (value) => typeof value === 'string' && pattern.test(value);
}

function isHashable(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && !Number.isNaN(value));
}

function any(testFor: (operand: unknown) => Test): Operator {
  return (path, operand) => {
    return anyOf(path, testFor(operand));
  };
}

function not(operator: Operator): Operator {
  return (path, operand, options) => {
    const test = operator(path, operand, options);
    return (doc) => !test(doc);
  };
}

function comparison(holds: (order: number) => boolean, orEqual: boolean): Operator {
  return any((operand) => {
    if (operand === null || operand === undefined) return (value) => orEqual && equals(value, null);
    if (operand instanceof RegExp) throw new CommandError(2, 'Can not have a regular expression in a comparison');
    const type = typeOrder(operand);
    const everyType = type === 0x02 || type === 0xf0;
    if (Number.isNaN(operand)) return (value) => orEqual && Number.isNaN(value);
    return (value) => {
      if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return false;
      return (everyType || typeOrder(value) === type) && holds(compareValues(value, operand));
    };
  });
}

function collect(value: unknown, path: string[], found: unknown[], at = 0): void {
  const step = path[at];
  if (step === undefined) {
    found.push(value);
    if (Array.isArray(value)) for (const element of value) found.push(element);
  } else if (Array.isArray(value)) {
    if (/^\d+$/.test(step) && Number(step) < value.length) collect(value[Number(step)], path, found, at + 1);
    for (const element of value) if (isPlain(element)) collect(element, path, found, at);
  } else {
    const known = isPlain(value) && Object.hasOwn(value, step);
    if (known) collect(value[step], path, found, at + 1);
    else found.push(undefined);
  }
}

/** BSON's types by name and by number; `number` is all four kinds of them. */
const TYPES = new Map<unknown, string>([['number', 'number']]);
for (const [name, number] of Object.entries(BSONType)) TYPES.set(name, name).set(number, name);
function typeNamed(operand: unknown): string {
  const name = TYPES.get(operand);
  if (name) return name;
  throw new CommandError(2, `Unknown type name alias: ${String(operand)}`);
}

function isOfType(value: unknown, type: string): boolean {
  if (value === undefined) return false;
  if (type === 'number') return typeOrder(value) === 0x14;
  if (type === 'int') return Number.isInteger(value) && Math.abs(value as number) <= 0x7fffffff;
  if (type === 'double') return value instanceof Double || (typeof value === 'number' && !isOfType(value, 'int'));
  return typeName(value) === type;
}
