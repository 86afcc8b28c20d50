/**
 * Which index answers a filter and a sort. A plan only narrows down: whoever runs it tests every document against the
 * whole filter again, so a plan may find too much but never too little. Most guards here are about arrays: two
 * conditions on one array path may be met by two different elements, which no single range of keys contains.
 */
import { bsonTypeOf, type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { compileFilter } from './filter.ts';
import { encodeKey, typeOrder } from './keys.ts';
import { type Collection, everything, type Index, prefixOf, type Range, type Store } from './store.ts';

export interface Plan {
  /** Absent: every document is read. */
  index?: Index;
  ranges: Range[];
  /** Bytes that all keys of a range share; sorted plans over several ranges are merged by what follows. */
  prefixes: number[];
  /** Documents come in the order asked for. */
  sorted: boolean;
  bound: number;
}

export interface Question {
  condition: Doc;
  sort: [string, number][];
  limit: number;
  hint?: unknown;
}

interface Predicates {
  points?: unknown[];
  low?: { value: unknown; open: boolean };
  high?: { value: unknown; open: boolean };
}

const MAX_RANGES = 500;
/** Of the first field alone, as when many documents are asked for by their ids. */
const MAX_POINTS = 10_000;
const MAX_MERGED = 50;
const PROBE = 100;

export function choosePlan(store: Store, collection: Collection, question: Question): Plan {
  const scanAll: Plan = {
    ranges: [everything(collection.id)],
    prefixes: [4],
    sorted: question.sort.length === 0,
    bound: 0,
  };
  const predicates = gather(question.condition);
  const hinted = hintedIndex(collection, question.hint);
  if (hinted === 'scan') return scanAll;
  const single = hinted ? undefined : byId({ collection, question, predicates });
  if (single) return single;
  const indexes = hinted ? [hinted] : collection.indexes;
  const plans = indexes.flatMap((index) => planFor(index, { collection, question, predicates }) ?? []);
  const useful = hinted ? plans : plans.filter((plan) => plan.bound > 0 || (plan.sorted && question.sort.length > 0));
  if (useful.length === 0) return hinted && plans[0] ? plans[0] : scanAll;
  const only = useful.length === 1 ? useful[0] : undefined;
  return only ?? cheapest(store, useful, question);
}

/** One `_id` is one document at most, in any order: no other index need be asked. */
function byId(situation: Situation): Plan | undefined {
  const [primary] = situation.collection.indexes;
  if (!primary || situation.predicates.get('_id')?.points?.length !== 1) return undefined;
  const plan = planFor(primary, situation);
  return plan && { ...plan, sorted: true };
}

interface Situation {
  collection: Collection;
  question: Question;
  predicates: Map<string, Predicates>;
}

function planFor(index: Index, { collection, question, predicates }: Situation): Plan | undefined {
  const primary = index === collection.indexes[0];
  if (index.partial && !implies(predicates, question.condition, index.partial.condition)) return undefined;
  let heads = [primary ? prefixOf(collection.id) : prefixOf(index.id)];
  const usable = usableFields(index, predicates);
  if (index.sparse && !excludesMissing(predicates.get(index.fields[0]?.path.join('.') ?? ''), usable > 0))
    return undefined;
  let bound = 0;
  while (bound < usable) {
    const field = index.fields[bound];
    const points = predicates.get(field?.path.join('.') ?? '')?.points;
    if (!points || points.length * heads.length > (bound === 0 ? MAX_POINTS : MAX_RANGES)) break;
    const keys = distinctKeys(points, field?.descending ?? false);
    heads = heads.flatMap((head) => keys.map((key) => Buffer.concat([head, key])));
    bound++;
  }
  const next = bound < usable ? index.fields[bound] : undefined;
  const limits =
    next && rangeOf(predicates.get(next.path.join('.')), { descending: next.descending, multikey: index.multikey });
  const merges = heads.length > MAX_MERGED;
  const direction = index.multikey || merges ? 0 : sortDirection(index, { bound, sort: question.sort, predicates });
  const sorted = question.sort.length === 0 || direction !== 0;
  const reverse = direction < 0;
  const ranges = heads.map((head) => ({
    lo: Buffer.concat([head, limits ? limits.lo : index.fields[bound - 1]?.descending ? BEFORE : NOTHING]),
    hi: limits ? Buffer.concat([head, limits.hi]) : bound === 0 ? next4(head) : Buffer.concat([head, AFTER]),
    reverse,
  }));
  return { index, ranges, prefixes: heads.map((head) => head.length), sorted, bound: bound + (limits ? 0.5 : 0) };
}

const AFTER = Buffer.from([0xff]);
/** Upside down, a string that goes on after a zero byte comes before the string that ends there. */
const BEFORE = Buffer.from([0x01]);
const NOTHING = Buffer.alloc(0);

function next4(head: Buffer): Buffer {
  return prefixOf(head.readUInt32BE(0) + 1);
}

/** How many leading fields may give bounds. Fields that share an array with an earlier one may not. */
function usableFields(index: Index, predicates: Map<string, Predicates>): number {
  let count = 0;
  const roots = new Set<string>();
  for (const { path } of index.fields) {
    if (!predicates.has(path.join('.'))) break;
    if (index.multikey && roots.has(path[0] ?? '')) break;
    roots.add(path[0] ?? '');
    count++;
  }
  return count;
}

function distinctKeys(points: unknown[], descending: boolean): Buffer[] {
  const keys = new Map(points.map((point) => encodeKey(point, descending)).map((key) => [key.toString('latin1'), key]));
  return [...keys.values()].sort(Buffer.compare);
}

/** 1 or -1 when the index gives the order asked for, read forwards or backwards; 0 when it does not. */
function sortDirection(
  index: Index,
  { bound, sort, predicates }: { bound: number; sort: [string, number][]; predicates: Map<string, Predicates> },
): number {
  if (sort.length === 0) return 1;
  const fixed = (path: string) => predicates.get(path)?.points?.length === 1;
  let at = bound;
  let direction = 0;
  for (const [path, way] of sort) {
    if (fixed(path) && index.fields.slice(0, bound).some((field) => field.path.join('.') === path)) continue;
    const field = index.fields[at++];
    if (field?.path.join('.') !== path) return 0;
    const agrees = way > 0 === field.descending ? -1 : 1;
    if (direction !== 0 && direction !== agrees) return 0;
    direction = agrees;
  }
  return direction || 1;
}

function rangeOf(
  predicates: Predicates | undefined,
  { descending, multikey }: { descending: boolean; multikey: boolean },
): { lo: Buffer; hi: Buffer } | undefined {
  if (!predicates || (!predicates.low && !predicates.high)) return undefined;
  const low = predicates.low;
  const high = multikey && low ? undefined : predicates.high;
  const type = typeOrder((low ?? high)?.value);
  const first = descending ? 0xff - type : type;
  const below = low ? edge(low.value, { descending, after: low.open !== descending }) : undefined;
  const above = high ? edge(high.value, { descending, after: high.open === descending }) : undefined;
  const [start, end] = descending ? [above, below] : [below, above];
  return { lo: start ?? Buffer.of(first), hi: end ?? Buffer.of(first + 1) };
}

function edge(value: unknown, { descending, after }: { descending: boolean; after: boolean }): Buffer {
  const key = encodeKey(value, descending);
  return Buffer.concat([key, after ? AFTER : descending ? BEFORE : NOTHING]);
}

function gather(condition: Doc, found: Map<string, Predicates> = new Map()): Map<string, Predicates> {
  for (const [key, value] of Object.entries(condition)) {
    if (key === '$and') for (const clause of value as Doc[]) gather(clause, found);
    else if (!key.startsWith('$')) addPredicates(found, key, value);
  }
  return found;
}

function addPredicates(found: Map<string, Predicates>, path: string, value: unknown): void {
  const known = found.get(path) ?? {};
  const operators = isPlain(value) && Object.keys(value)[0]?.startsWith('$') ? value : { $eq: value };
  for (const [operator, operand] of Object.entries(operators)) {
    if (operator === '$eq' && isPoint(operand)) offerPoints(known, [operand]);
    else if (operator === '$in' && (operand as unknown[]).every(isPoint)) offerPoints(known, operand as unknown[]);
    else if (operator === '$gt' || operator === '$gte') {
      if (isOrdered(operand) && !known.low) known.low = { value: operand, open: operator === '$gt' };
    } else if (operator === '$lt' || operator === '$lte') {
      if (isOrdered(operand) && !known.high) known.high = { value: operand, open: operator === '$lt' };
    }
  }
  if (known.points || known.low || known.high) found.set(path, known);
}

function offerPoints(known: Predicates, points: unknown[]): void {
  if (!known.points || points.length < known.points.length) known.points = points;
}

function isPoint(value: unknown): boolean {
  return !Array.isArray(value) && !(value instanceof RegExp) && !UNORDERED.has(bsonTypeOf(value) ?? '');
}

/** Numbers outside of JavaScript's lose digits in a key, so their keys could miss what they equal. */
const UNORDERED = new Set(['BSONRegExp', 'Long', 'Decimal128', 'DBRef', 'Code', 'BSONSymbol']);

function isOrdered(value: unknown): boolean {
  const type = bsonTypeOf(value);
  if (value === null || value === undefined || Number.isNaN(value) || type === 'MinKey' || type === 'MaxKey')
    return false;
  return isPoint(value);
}

function excludesMissing(predicates: Predicates | undefined, bounded: boolean): boolean {
  if (!bounded || !predicates) return false;
  if (predicates.points) return predicates.points.every((point) => point !== null && point !== undefined);
  return Boolean(predicates.low ?? predicates.high);
}

/** Whether every document that meets the filter is in the partial index: only what is certain counts. */
function implies(predicates: Map<string, Predicates>, condition: Doc, partial: Doc): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    if (path === '$and') return (wanted as Doc[]).every((clause) => implies(predicates, condition, clause));
    if (path.startsWith('$')) return false;
    const operators = isPlain(wanted) && Object.keys(wanted)[0]?.startsWith('$') ? wanted : { $eq: wanted };
    const known = predicates.get(path);
    return Object.entries(operators).every(([operator, operand]) => {
      if (hasOperator(condition, path, { operator, operand })) return true;
      if (!known) return false;
      if (known.points) return pointsImply(known.points, { operator, operand });
      return rangeImplies(known, { operator, operand });
    });
  });
}

function hasOperator(
  condition: Doc,
  path: string,
  { operator, operand }: { operator: string; operand: unknown },
): boolean {
  const stated = condition[path];
  if (!isPlain(stated) || !(operator in stated)) return false;
  return encodeKey(stated[operator]).equals(encodeKey(operand));
}

function pointsImply(points: unknown[], { operator, operand }: { operator: string; operand: unknown }): boolean {
  if (operator === '$eq' && typeof operand === 'string' && points.every((point) => typeof point === 'string')) {
    return points.length > 0 && points.every((point) => point === operand);
  }
  const holds = compileFilter({ value: { [operator]: operand } });
  return (
    points.length > 0 && points.every((point) => point !== null && point !== undefined && holds.test({ value: point }))
  );
}

function rangeImplies(
  { low, high }: Predicates,
  { operator, operand }: { operator: string; operand: unknown },
): boolean {
  if (operator === '$exists') return operand !== false;
  const lower = operator === '$gt' || operator === '$gte';
  const end = lower ? low : operator === '$lt' || operator === '$lte' ? high : undefined;
  if (!end || typeOrder(end.value) !== typeOrder(operand)) return false;
  const order = Buffer.compare(encodeKey(end.value), encodeKey(operand)) * (lower ? 1 : -1);
  return order > 0 || (order === 0 && (end.open || operator.endsWith('e')));
}

function hintedIndex(collection: Collection, hint: unknown): Index | 'scan' | undefined {
  if (hint === undefined || hint === null || (isPlain(hint) && Object.keys(hint).length === 0)) return undefined;
  if (isPlain(hint) && '$natural' in hint) return 'scan';
  const pattern = isPlain(hint) ? JSON.stringify(hint) : undefined;
  const found = collection.indexes.find(({ name, spec }) => name === hint || JSON.stringify(spec['key']) === pattern);
  if (!found) throw new CommandError(2, 'hint provided does not correspond to an existing index');
  return found;
}

/** Few keys beat many; a plan that spares the sort beats one that only narrows, when both read a lot. */
function cheapest(store: Store, plans: Plan[], question: Question): Plan {
  const priced = plans.map((plan) => {
    const keys = plan.bound > 0 ? countKeys(store, plan) : PROBE + 1;
    const early = plan.sorted && question.sort.length > 0 && question.limit > 0;
    return { plan, price: keys > PROBE && early ? keys / 2 : keys };
  });
  priced.sort(
    (a, b) => a.price - b.price || Number(b.plan.sorted) - Number(a.plan.sorted) || b.plan.bound - a.plan.bound,
  );
  return priced[0]?.plan ?? (plans[0] as Plan);
}

function countKeys(store: Store, plan: Plan): number {
  let keys = 0;
  const db = plan.index?.name === '_id_' ? store.documents : store.entries;
  for (const range of plan.ranges) {
    // Not getKeysCount: that walks the whole range, whatever limit it is given.
    for (const _ of db.getKeys({ start: range.lo, end: range.hi, limit: PROBE + 1 - keys })) keys++;
    if (keys > PROBE) break;
  }
  return keys;
}
