/**
 * mingo's operators with ours in place of those that differ. Its own entry point would let the built-in operators win
 * over any that are passed in, so the context is put together here, once.
 */
import { Context } from 'mingo';
import { Aggregator } from 'mingo/aggregator';
import { evalExpr } from 'mingo/core';
import { type Iterator, type IteratorResult, Lazy } from 'mingo/lazy';
import * as accumulator from 'mingo/operators/accumulator';
import * as expression from 'mingo/operators/expression';
import * as pipeline from 'mingo/operators/pipeline';
import * as projection from 'mingo/operators/projection';
import * as query from 'mingo/operators/query';
import * as window from 'mingo/operators/window';
import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import { type Doc, isPlain } from './codec.ts';
import { indexKeys } from './index-keys.ts';
import { encodeKey, flip } from './keys.ts';
import { PREDICATES } from './predicates.ts';

type Operators = NonNullable<Parameters<typeof Context.init>[0]>;

export const STAGES = new Set(Object.keys(pipeline));

const CONTEXT = Context.init({
  accumulator: { ...accumulator, $push: pushed, $addToSet: addedToSet },
  expression,
  pipeline: { ...pipeline, $sort: sortStage, $limit: limitStage, $setWindowFields: windowStage },
  projection,
  query: { ...query, ...PREDICATES },
  window,
} as unknown as Operators);

export function optionsOf(extra: { variables?: Doc; collectionResolver?: (name: string) => Doc[] } = {}): Options {
  return {
    idKey: '_id',
    context: CONTEXT,
    scriptEnabled: false,
    useStrictMode: true,
    failOnError: true,
    processingMode: 0,
    ...extra,
  };
}

/** mingo builds its options anew for each call, which cost more than an update itself; only an operator sees them. */
function builtOptions(locals: Doc): Options {
  let seen: Options | undefined;
  const $see = (_path: string, _operand: unknown, options: Options) => {
    seen = options;
    return () => true;
  };
  const context = Context.from(CONTEXT, Context.init({ query: { $see } } as unknown as Operators));
  new Query({ field: { $see: 1 } }, { ...optionsOf(), context });
  (seen as unknown as { update(locals: Doc): void }).update({ condition: {}, ...locals });
  return seen as unknown as Options;
}

export const QUERY_OPTIONS = builtOptions({});
export const UPDATE_OPTIONS = builtOptions({ updateConfig: { cloneMode: 'copy' } });

/** The constants a command passes along are expressions, evaluated once. */
export function evaluateLet(constants: unknown): Doc {
  if (!isPlain(constants) || Object.keys(constants).length === 0) return {};
  return new Aggregator([{ $replaceWith: constants }], optionsOf()).run([{}])[0] as Doc;
}

export function sortPairs(sort: unknown): [string, number][] {
  if (!isPlain(sort)) return [];
  return Object.entries(sort).map(([path, way]) => [path, Number(way) < 0 ? -1 : 1]);
}

/** Bytes that sort as the document does; an array counts as its least element upwards, as its greatest downwards. */
export function sortKey(doc: Doc, sort: [string, number][]): Buffer {
  return Buffer.concat(
    sort.flatMap(([path, way]) => {
      const { keys } = allKeys(doc, path);
      const sorted = keys.sort(Buffer.compare);
      const chosen = (way > 0 ? sorted[0] : sorted.at(-1)) ?? encodeKey(undefined);
      return way > 0 ? [chosen] : [flip(chosen), END];
    }),
  );
}

/** After a key upside down: without it, a string that goes on after a zero byte would not come first. */
const END = Buffer.from([1]);

function allKeys(doc: Doc, path: string) {
  return indexKeys(doc, [{ path: path.split('.'), descending: false }], Number.POSITIVE_INFINITY);
}

function sortStage(items: Iterator, sort: Doc): Iterator {
  const pairs = sortPairs(sort);
  return items.transform((docs) => {
    const keyed = (docs as Doc[]).map((doc) => ({ doc, key: sortKey(doc, pairs) }));
    keyed.sort((a, b) => Buffer.compare(a.key, b.key));
    return Lazy(keyed.map(({ doc }) => doc));
  });
}

/** What is missing is not there, where mingo has null. */
function pushed(docs: Doc[], expr: unknown, options: Options): unknown[] {
  const local = options as Options & { update(locals: Doc): Options };
  return docs
    .map((root) => evalExpr(root, expr as never, local.update({ root })))
    .filter((value) => value !== undefined);
}

function addedToSet(docs: Doc[], expr: unknown, options: Options): unknown[] {
  const values = pushed(docs, expr, options).map((value) => [encodeKey(value).toString('latin1'), value] as const);
  return [...new Map(values.toReversed()).values()].toReversed();
}

/** mingo computes windows by a `$function` of its own, with a body that nobody can send: that one may run. */
function windowStage(items: Iterator, spec: Doc, options: Options): Iterator {
  return pipeline.$setWindowFields(items, spec as never, { ...optionsOf(options as never), scriptEnabled: true });
}

/** mingo's own limit reads its input to the end. */
function limitStage(items: Iterator, limit: number): Iterator {
  let left = limit;
  return Lazy(() => (left-- > 0 ? (items.next() as IteratorResult) : { done: true }));
}
