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
import { exclude, include, isFlag, treeOf } from './fields.ts';
import { sortKey, sortPairs } from './sort.ts';

type Stage = (items: Iterator, spec: never, options: Options) => Iterator;

/** MongoDB's. */
const MOST_DENSIFIED = 500_000;

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

/** Each document at most once. */
const sample: Stage = (items, spec) => {
  const size = isPlain(spec) ? spec['size'] : undefined;
  if (typeof size !== 'number') throw new CommandError(28746, 'size argument to $sample must be a number');
  if (!(size >= 1)) throw new CommandError(28747, 'size argument to $sample must be a positive integer');
  return items.transform((given) => {
    const docs = [...given];
    const count = Math.min(docs.length, Math.floor(size));
    for (let i = 0; i < count; i++) {
      const other = i + Math.floor(Math.random() * (docs.length - i));
      [docs[i], docs[other]] = [docs[other], docs[i]];
    }
    return Lazy(docs.slice(0, count));
  });
};

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

const densify: Stage = (items, spec, options) => {
  const step = (spec as { range?: { step?: unknown } }).range?.step;
  if (typeof step !== 'number' || !(step > 0)) throw new CommandError(5733401, 'the step of $densify must be positive');
  let generated = 0;
  const counted = items.map((doc) => {
    generated--;
    return doc;
  });
  return pipeline.$densify(counted, spec, options).map((doc) => {
    if (++generated > MOST_DENSIFIED)
      throw new CommandError(5897900, `$densify generated more than ${MOST_DENSIFIED} documents`);
    return doc;
  });
};

const bucketAuto: Stage = (items, spec, options) => {
  if ((spec as Doc)['granularity'] !== undefined)
    throw new CommandError(2, 'granularity of $bucketAuto is not supported by the embedded server');
  return pipeline.$bucketAuto(items, spec, options);
};

/** `_id`, then what is kept in the document's own order, then what is computed in the projection's. */
const project: Stage = (items, spec, options) => {
  const leaves = leavesOf(spec);
  if (leaves.length === 0)
    throw new CommandError(51272, 'Invalid $project: projection specification must have at least one field');
  const flags = leaves.filter(([, value]) => isFlag(value));
  const computed = leaves.filter(([, value]) => !isFlag(value));
  const id = flags.find(([path]) => path === '_id')?.[1];
  const [kept, cut] = [true, false].map((way) =>
    flags.filter(([path, value]) => path !== '_id' && Boolean(value) === way).map(([path]) => path),
  ) as [string[], string[]];
  const including = kept.length > 0 || computed.length > 0 || (cut.length === 0 && Boolean(id));
  if (including && cut.length > 0)
    throw new CommandError(31254, `Cannot do exclusion on field ${cut[0]} in inclusion projection`);
  if (!including) {
    const tree = treeOf([...cut, ...(id === undefined || id ? [] : ['_id'])]);
    return items.map((doc) => exclude(doc, tree));
  }
  const withoutId = (id !== undefined && !id) || computed.some(([path]) => path === '_id');
  const tree = treeOf([...(withoutId ? [] : ['_id']), ...kept]);
  let source: unknown;
  const seen = items.map((doc) => {
    source = doc;
    return doc;
  });
  if (computed.length === 0) return seen.map((doc) => idFirst(include(doc, tree) as Doc));
  const hidesId = computed.some(([path]) => path === '_id') ? {} : { _id: 0 };
  const rest = pipeline.$project(seen, { ...Object.fromEntries(computed), ...hidesId } as never, options);
  return rest.map((made) => idFirst(joined(include(source, tree) as Doc, made as Doc)));
};

/** Paths and what is asked of them; a document that is not an expression means its fields. */
function leavesOf(spec: unknown, prefix = ''): [string, unknown][] {
  return Object.entries(isPlain(spec) ? spec : {}).flatMap(([name, value]) => {
    const isNested = isPlain(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith('$');
    return isNested ? leavesOf(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as [string, unknown]];
  });
}

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

const OURS = {
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $sample: sample,
  $count: count,
  $group: group,
  $densify: densify,
  $bucketAuto: bucketAuto,
  $project: project,
};

/** Each document that leaves a stage asks the time. */
function timed(stage: Stage): Stage {
  return (items, spec, options) =>
    stage(items, spec, options).map((doc) => {
      tick();
      return doc;
    });
}

export const PIPELINE: Record<string, Stage> = Object.fromEntries(
  Object.entries({ ...pipeline, ...OURS }).flatMap(([name, stage]) =>
    typeof stage === 'function' ? [[name, timed(stage as Stage)]] : [],
  ),
);
