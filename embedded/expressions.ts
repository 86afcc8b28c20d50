/**
 * Expressions in the place of mingo's where those compare as JavaScript does, take a missing field for null, or would
 * hold up everybody. All of them ask the time, and none may make more than a command may hold.
 */
import { evalExpr } from 'mingo/core';
import * as accumulator from 'mingo/operators/accumulator';
import * as expression from 'mingo/operators/expression';
import type { Options } from 'mingo/types';
import type { Doc } from './codec.ts';
import { tick } from './deadline.ts';
import { CommandError, unsupported } from './errors.ts';
import { compareValues, encodeKey } from './keys.ts';

type Expression = (obj: unknown, expr: unknown, options: Options) => unknown;
type Operators = Record<string, (...given: never[]) => unknown>;

/** MongoDB's: 100 MB of values of 16 bytes. */
const MOST_ELEMENTS = 6_553_600;
const MOST_TEXT = 64 * 1024 * 1024;

/** Any operators, leaving when the time is up, and before they fill the memory. */
function bounded<T extends Operators>(operators: T): T {
  const guarded = (operator: (...given: never[]) => unknown) =>
    function guard(...given: never[]): unknown {
      tick();
      const result = operator(...given);
      if (Array.isArray(result)) refuseLarge(result.length, MOST_ELEMENTS);
      else if (typeof result === 'string') refuseLarge(result.length, MOST_TEXT);
      return result;
    };
  return Object.fromEntries(
    Object.entries(operators).flatMap(([name, operator]) =>
      typeof operator === 'function' ? [[name, guarded(operator)]] : [],
    ),
  ) as T;
}

function refuseLarge(size: number, most: number): void {
  if (size > most) throw new CommandError(146, `An expression would make ${size} elements; ${most} are the most.`);
}

/** Missing comes before null, as BSON orders them. */
function order(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareValues(a, b);
}

function comparison(name: string, outcome: (order: number) => unknown): Expression {
  return (obj, expr, options) => {
    if (!Array.isArray(expr) || expr.length !== 2)
      throw new CommandError(16020, `Expression ${name} takes exactly 2 arguments.`);
    const [a, b] = evalExpr(obj as never, expr as never, options) as unknown[];
    return outcome(order(a, b));
  };
}

const COMPARISONS: Record<string, Expression> = {
  $cmp: comparison('$cmp', (n) => n),
  $eq: comparison('$eq', (n) => n === 0),
  $ne: comparison('$ne', (n) => n !== 0),
  $gt: comparison('$gt', (n) => n > 0),
  $gte: comparison('$gte', (n) => n >= 0),
  $lt: comparison('$lt', (n) => n < 0),
  $lte: comparison('$lte', (n) => n <= 0),
  $in: (obj, expr, options) => {
    const [item, list] = evalExpr(obj as never, expr as never, options) as [unknown, unknown];
    if (!Array.isArray(list)) throw new CommandError(40081, '$in requires an array as a second argument');
    return list.some((one) => order(one, item) === 0);
  },
};

const $range: Expression = (obj, expr, options) => {
  const given = evalExpr(obj as never, expr as never, options) as number[];
  const isInt = (value: unknown) => typeof value === 'number' && (value | 0) === value;
  const [start = 0, end = 0, step = 1] = given;
  if (!Array.isArray(given) || given.length < 2 || given.length > 3)
    throw new CommandError(28667, 'Expression $range takes at least 2 arguments, and at most 3.');
  if (!isInt(start)) throw new CommandError(34444, '$range requires a starting value that is a 32-bit integer');
  if (!isInt(end)) throw new CommandError(34446, '$range requires an ending value that is a 32-bit integer');
  if (!isInt(step)) throw new CommandError(34448, '$range requires a step value that is a 32-bit integer');
  if (step === 0) throw new CommandError(34449, '$range requires a non-zero step value');
  const count = Math.max(0, Math.ceil((end - start) / step));
  refuseLarge(count, MOST_ELEMENTS);
  return Array.from({ length: count }, (_, n) => start + n * step);
};

/** What mingo would do with JavaScript's regular expressions, which can hold up everybody. */
const LEFT_OUT = ['$regexMatch', '$regexFind', '$regexFindAll', '$dateFromString', '$function'].map((name) => {
  const refuse = () => {
    throw unsupported(name, 168);
  };
  return [name, refuse] as const;
});

export const EXPRESSIONS = bounded({
  ...expression,
  ...COMPARISONS,
  $range,
  ...Object.fromEntries(LEFT_OUT),
} as unknown as Operators);

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

function extreme(way: number) {
  return (docs: Doc[], expr: unknown, options: Options): unknown => {
    const values = pushed(docs, expr, options).filter((value) => value !== null);
    return values.reduce<unknown>((best, one) => (best === null || order(one, best) * way > 0 ? one : best), null);
  };
}

export const ACCUMULATORS = bounded({
  ...accumulator,
  $push: pushed,
  $addToSet: addedToSet,
  $min: extreme(-1),
  $max: extreme(1),
} as unknown as Operators);
