/**
 * Update operators in the place of mingo's where conformance cases proved those wrong: they compare as JavaScript does,
 * know no decimals, cut nothing off a new array, sort by one field and take two documents for equal whose fields come
 * in another order. Paths are plain here: positions have been resolved and misfits refused.
 */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { compileFilter } from './filter.ts';
import { compareValues } from './keys.ts';
import { add, multiply } from './numbers.ts';
import { equals } from './predicates.ts';
import { sortKey, sortPairs } from './sort.ts';

type Change = (value: unknown, operand: unknown) => unknown;

const CHANGES: Record<string, Change> = {
  $set: (_, operand) => operand,
  $inc: (value, operand) => (value === undefined ? operand : add(value, operand)),
  $mul: (value, operand) => multiply(value ?? 0, operand),
  $min: (value, operand) => (value !== undefined && compareValues(value, operand) <= 0 ? value : operand),
  $max: (value, operand) => (value !== undefined && compareValues(value, operand) >= 0 ? value : operand),
  $push: (value, operand) => pushed((value as unknown[] | undefined) ?? [], operand),
  $addToSet: (value, operand) => {
    const set = [...((value as unknown[] | undefined) ?? [])];
    for (const item of eachOf(operand)) if (!set.some((one) => isSame(one, item))) set.push(item);
    return set;
  },
  $pull: (value, operand) => (Array.isArray(value) ? pulled(value, operand) : value),
};

/** Undefined for an operator that is left to mingo. */
export function changeOf(operator: string): ((fields: Doc) => (doc: Doc) => void) | undefined {
  const change = CHANGES[operator];
  if (!change) return undefined;
  return (fields) => (doc) => {
    for (const [path, operand] of Object.entries(fields)) changeAt(doc, path, (value) => change(value, operand));
  };
}

/** Documents are made on the way, unless the change makes nothing. */
function changeAt(doc: Doc, path: string, change: (value: unknown) => unknown): void {
  const steps = path.split('.');
  if (steps.includes('__proto__')) throw new CommandError(2, `The path '${path}' is not supported.`);
  const last = steps.pop() ?? '';
  const parent = steps.reduce<Doc | undefined>((at, step) => own(at, step) as Doc | undefined, doc);
  const value = change(parent && own(parent, last));
  if (value === undefined) return;
  let target = doc;
  for (const step of steps) {
    if (own(target, step) === undefined) target[step] = {};
    target = target[step] as Doc;
  }
  target[last] = value;
}

function own(at: unknown, step: string): unknown {
  return typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Doc)[step] : undefined;
}

function eachOf(operand: unknown): unknown[] {
  return isPlain(operand) && '$each' in operand ? (operand['$each'] as unknown[]) : [operand];
}

function pushed(list: unknown[], operand: unknown): unknown[] {
  const { $position, $sort, $slice } = isPlain(operand) && '$each' in operand ? operand : ({} as Doc);
  const at = typeof $position === 'number' ? $position : list.length;
  const all = [...list.slice(0, at), ...eachOf(operand), ...list.slice(at)];
  if ($sort !== undefined) all.sort(orderOf($sort));
  if (typeof $slice !== 'number') return all;
  return $slice < 0 ? all.slice($slice) : all.slice(0, $slice);
}

function orderOf(sort: unknown): (a: unknown, b: unknown) => number {
  if (!isPlain(sort)) return (a, b) => compareValues(a, b) * Number(sort);
  const pairs = sortPairs(sort);
  return (a, b) => Buffer.compare(sortKey(asDoc(a), pairs), sortKey(asDoc(b), pairs));
}

const asDoc = (value: unknown): Doc => (isPlain(value) ? value : {});

/** A document is a filter over elements that are documents; operators are tried on each element; the rest is equality. */
function pulled(list: unknown[], operand: unknown): unknown[] {
  if (operand instanceof RegExp) return list.filter((item) => !(typeof item === 'string' && operand.test(item)));
  if (!isPlain(operand)) return list.filter((item) => !isSame(item, operand));
  const first = Object.keys(operand)[0] ?? '';
  if (first.startsWith('$') && !/^\$(and|or|nor|expr)$/.test(first)) {
    const filter = compileFilter({ item: operand });
    return list.filter((item) => !filter.test({ item }));
  }
  const filter = compileFilter(operand);
  return list.filter((item) => !(isPlain(item) && filter.test(item)));
}

function isSame(value: unknown, other: unknown): boolean {
  return equals(value, other) && (value === null) === (other === null);
}
