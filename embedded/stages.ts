/**
 * Pipeline stages in the place of mingo's where those order fields or answer otherwise than MongoDB, or would never end.
 * All of them ask the time at each document.
 */
import { type Iterator, type IteratorResult, Lazy } from 'mingo/lazy';
import * as pipeline from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { type Doc, isPlain } from './codec.ts';
import { tick } from './deadline.ts';
import { CommandError } from './errors.ts';
import { parseProjection } from './fields.ts';
import { sortKey, sortPairs } from './sort.ts';

type Stage = (items: Iterator, spec: never, options: Options) => Iterator;

const sort: Stage = (items, spec) => {
  const pairs = sortPairs(spec);
  return items.transform((docs) => {
    const keyed = (docs as Doc[]).map((doc) => ({ doc, key: sortKey(doc, pairs) }));
    keyed.sort((a, b) => Buffer.compare(a.key, b.key));
    return Lazy(keyed.map(({ doc }) => doc));
  });
};

/** mingo's own limit reads its input to the end. */
const limit: Stage = (items, spec) => {
  let left = amount('$limit', spec, 1);
  return Lazy(() => (left-- > 0 ? (items.next() as IteratorResult) : { done: true }));
};

const skip: Stage = (items, spec) => items.drop(amount('$skip', spec, 0));

/** The number a stage takes. */
export function amount(stage: '$limit' | '$skip', value: unknown, least: 0 | 1): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  const code = typeof value === 'number' && value < least && stage === '$limit' ? 15958 : 5107201;
  throw new CommandError(
    stage === '$skip' ? 5107200 : code,
    `the ${stage} must be a whole number of at least ${least}`,
  );
}

/** Of nothing there is no count at all. */
const count: Stage = (items, spec, options) =>
  pipeline.$count(items, spec, options).filter((counted) => Object.values(counted as Doc)[0] !== 0);

/** A missing `_id` groups with null. */
const group: Stage = (items, spec, options) => {
  const id = (spec as Doc)['_id'];
  const isExpression = typeof id === 'string' || (isPlain(id) && Object.keys(id)[0]?.startsWith('$'));
  const whole = isExpression ? { ...(spec as Doc), _id: { $ifNull: [id, null] } } : spec;
  return pipeline.$group(items, whole as never, options);
};

/** `_id`, then what is kept in the document's own order, then what is computed in the projection's. */
const project: Stage = (items, spec, options) => {
  const { keep, computed } = parseProjection(spec);
  if (!computed) return items.map((doc) => idFirst(keep(doc)));
  let source: unknown;
  const seen = items.map((doc) => {
    source = doc;
    return doc;
  });
  const made = pipeline.$project(seen, { _id: 0, ...computed } as never, options);
  return made.map((one) => idFirst(joined(keep(source), one as Doc)));
};

function joined(kept: Doc, made: Doc): Doc {
  const whole = { ...kept };
  for (const [name, value] of Object.entries(made)) {
    const known = whole[name];
    whole[name] = isPlain(known) && isPlain(value) ? joined(known, value) : value;
  }
  return whole;
}

function idFirst(doc: Doc): Doc {
  const { _id, ...rest } = doc;
  return _id === undefined ? rest : { _id, ...rest };
}

/** mingo's, as they are. */
const { $match, $unwind, $lookup, $facet, $addFields, $set, $unset, $replaceRoot, $replaceWith, $sortByCount } =
  pipeline;

/** Every stage there is here; each document that leaves one asks the time. */
export const STAGES: Record<string, Stage> = Object.fromEntries(
  Object.entries({
    ...{ $match, $unwind, $lookup, $facet, $addFields, $set, $unset, $replaceRoot, $replaceWith, $sortByCount },
    ...{ $sort: sort, $limit: limit, $skip: skip, $count: count, $group: group, $project: project },
  }).map(([name, stage]) => [name, timed(stage as Stage)]),
);

function timed(stage: Stage): Stage {
  return (items, spec, options) =>
    stage(items, spec, options).map((doc) => {
      tick();
      return doc;
    });
}
