/**
 * mingo's operators with ours in place of those that differ. Its own entry point would let the built-in operators win
 * over any that are passed in, so the context is put together here, once.
 */
import { Context } from 'mingo';
import { Aggregator } from 'mingo/aggregator';
import * as projection from 'mingo/operators/projection';
import * as query from 'mingo/operators/query';
import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import { type Doc, isPlain } from './codec.ts';
import { ACCUMULATORS, EXPRESSIONS } from './expressions.ts';
import { PREDICATES } from './predicates.ts';
import { STAGES } from './stages.ts';

type Operators = NonNullable<Parameters<typeof Context.init>[0]>;

const CONTEXT = Context.init({
  accumulator: ACCUMULATORS,
  expression: EXPRESSIONS,
  pipeline: STAGES,
  projection,
  query: { ...query, ...PREDICATES },
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
