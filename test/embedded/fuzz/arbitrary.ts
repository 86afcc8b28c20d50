/** Random documents, indexes and queries, from a seed: small pools of values, so that things often meet. */
export type Doc = Record<string, unknown>;

export interface Random {
  below(n: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: the same seed gives the same run on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, pick: (items) => items[below(items.length)] as never };
}

const SCALARS = [
  null,
  0,
  1,
  2,
  3,
  -1.5,
  2.5,
  1e12,
  '',
  'a',
  'b',
  'ab',
  'a\0b',
  'ä',
  true,
  false,
  new Date(0),
  new Date(5),
  NaN,
];
const FIELDS = ['a', 'b', 'c'];
const PATHS = ['a', 'b', 'c', 'a.x', 'a.y', 'b.x', 'b.y', '_id'];

/** Collections without arrays matter as much: only their indexes may sort. */
export function someDocument(random: Random, id: number, depth: number): Doc {
  const doc: Doc = { _id: random.below(4) === 0 ? `id${id}` : id };
  for (const field of FIELDS) if (random.below(6) > 0) doc[field] = someValue(random, depth);
  return doc;
}

export function someIndex(random: Random): Doc {
  const field = random.pick(['a', 'b']);
  const shared = [`${field}.x`, `${field}.y`, ...(random.below(2) === 0 ? ['c'] : [])];
  const mixed = [somePath(random), somePath(random), somePath(random)].slice(0, 1 + random.below(3));
  const paths = random.below(4) === 0 ? shared : [...new Set(mixed)];
  const key = Object.fromEntries(paths.map((path) => [path, random.pick([1, -1])]));
  const kind = random.below(5);
  if (kind === 0) return { key, sparse: true };
  if (kind < 3)
    return { key, partialFilterExpression: { [random.pick([...paths, ...paths, ...PATHS])]: somePartial(random) } };
  return { key };
}

/** Mostly about the fields of one index, in the shape that would use it. */
export function someQuery(
  random: Random,
  indexes: Doc[],
): { filter: Doc; sort: [string, number][]; skip: number; limit: number } {
  if (random.below(20) === 0) return { filter: someIds(random), sort: [], skip: 0, limit: 0 };
  const key = random.pick(indexes)['key'] as Record<string, number>;
  const fields = Object.keys(key);
  const bound = random.below(fields.length + 1);
  const filter = random.below(5) === 0 ? someFilter(random, 2) : {};
  for (const path of fields.slice(0, bound))
    filter[path] = random.below(3) === 0 ? someCondition(random) : somePoint(random);
  if (bound < fields.length && random.below(2) === 0) filter[fields[bound] ?? ''] = someRange(random);
  const way = random.pick([1, -1]);
  const rest = fields
    .slice(random.below(2) === 0 ? bound : 0)
    .map((path) => [path, (key[path] ?? 1) * way] as [string, number]);
  const sort =
    random.below(3) === 0
      ? []
      : rest.map(([path, one]) => [path, random.below(5) === 0 ? -one : one] as [string, number]);
  return { filter, sort, skip: random.pick([0, 0, 0, 2]), limit: random.pick([0, 0, 3, 10]) };
}

/** What the keys of documents answer alone, and what looks like it. */
function someIds(random: Random): Doc {
  const [one, other, third] = [0, 0, 0].map(() => `id${random.below(40)}`);
  const more = random.below(3) === 0 ? { [random.pick(FIELDS)]: { $exists: random.below(2) === 0 } } : {};
  const $in = Array.from({ length: 20 }, (_, i) => (random.below(9) === 0 ? i : `id${i + random.below(20)}`));
  const _id = random.pick<unknown>([
    one,
    { $eq: one },
    { $in },
    { $in, $ne: other },
    { $in, $gt: third },
    { $in, $eq: one },
  ]);
  return { _id, ...more };
}

function somePoint(random: Random): unknown {
  if (random.below(6) === 0) return someSmallArray(random);
  return random.below(2) === 0
    ? someScalar(random)
    : { $in: [someScalar(random), someScalar(random), random.pick([1, 2])] };
}

function someSmallArray(random: Random): unknown[] {
  return [random.pick([1, 2]), random.pick([1, 2])].slice(random.below(2));
}

function someRange(random: Random): Doc {
  if (random.below(3) === 0) return { [random.pick(['$gt', '$gte', '$lt', '$lte'])]: random.pick([0, 1, 2, 3]) };
  const [low, high] = [random.pick([0, 1, 2, 'a']), random.pick([1, 2, 3, 'ab'])];
  return { [random.pick(['$gt', '$gte'])]: low, [random.pick(['$lt', '$lte'])]: high };
}

function somePath(random: Random): string {
  return random.pick(PATHS);
}

function someScalar(random: Random): unknown {
  return random.pick(SCALARS);
}

function someValue(random: Random, depth: number): unknown {
  const kind = random.below(10);
  if (depth === 0 || kind < 4) return someScalar(random);
  if (kind < 6 || depth === 1) return someFields(random, depth);
  if (random.below(2) === 0) return someSmallArray(random);
  const items = Array.from({ length: random.below(4) }, () => someValue(random, depth - 1));
  return kind < 8 ? items : items.map((item) => (random.below(2) === 0 ? someFields(random, depth) : item));
}

function someFields(random: Random, depth: number): Doc {
  const fields: Doc = {};
  for (const name of ['x', 'y']) if (random.below(3) > 0) fields[name] = someValue(random, depth - 1);
  return fields;
}

function somePartial(random: Random): unknown {
  return random.pick<() => unknown>([
    () => ({ $exists: true }),
    () => ({ [random.pick(['$gt', '$gte', '$lt', '$lte'])]: random.pick([0, 1, 2, 'a']) }),
    () => ({ $type: random.pick(['number', 'string']) }),
    () => someScalar(random),
    () => ({ $in: [someScalar(random), someScalar(random)] }),
  ])();
}

function someFilter(random: Random, depth: number): Doc {
  const filter: Doc = {};
  for (let i = random.below(3); i >= 0; i--) filter[somePath(random)] = someCondition(random);
  if (depth > 0 && random.below(4) === 0) {
    const clauses = Array.from({ length: 1 + random.below(2) }, () => someFilter(random, depth - 1));
    filter[random.pick(['$and', '$and', '$or', '$nor'])] = clauses;
  }
  return filter;
}

function someCondition(random: Random): unknown {
  const value = random.below(8) === 0 ? someValue(random, 1) : someScalar(random);
  return random.pick<() => unknown>([
    () => value,
    () => value,
    () => ({ $eq: value }),
    () => ({ $ne: value }),
    () => ({ $in: [value, someScalar(random), someScalar(random)].slice(0, 1 + random.below(3)) }),
    () => ({ $nin: [value] }),
    () => ({ $exists: random.below(2) === 0 }),
    () => ({ [random.pick(['$gt', '$gte'])]: value, [random.pick(['$lt', '$lte'])]: someScalar(random) }),
    () => ({ [random.pick(['$gt', '$gte', '$lt', '$lte'])]: value }),
    () => ({ $elemMatch: { x: someScalar(random) } }),
    () => ({ $elemMatch: { $gt: someScalar(random) } }),
    () => ({ $not: { $gt: value } }),
    () => ({ $size: random.below(3) }),
  ])();
}
