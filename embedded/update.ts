/**
 * One document after an update. mingo does the operators; before it does, this refuses with MongoDB's own codes what
 * mingo would silently skip or overwrite: a number where a string is, a path through a scalar, another `_id`.
 */

import { ObjectId } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import * as updateOperators from 'mingo/operators/update';
import { type Doc, isPlain } from './codec.ts';
import { CommandError, unsupported } from './errors.ts';
import { fromWire } from './filter.ts';
import { compareValues } from './keys.ts';
import { optionsOf, UPDATE_OPTIONS } from './operators.ts';
import { type ArrayFilters, compileArrayFilters, refuseUnusedFilters, resolvePositions } from './positional.ts';
import { refuseMisfit } from './update-guards.ts';
import { changeOf } from './update-operators.ts';

export interface Update {
  kind: 'pipeline' | 'replacement' | 'operators';
  apply(doc: Doc, condition: Doc, inserting?: boolean): Doc;
}

type Operator = (fields: Doc, arrayFilters: Doc[], options: unknown) => (doc: Doc) => unknown;
const MINGO = updateOperators as unknown as Record<string, Operator>;

const MODIFIERS = new Set(
  '$set $unset $inc $mul $min $max $push $pull $pullAll $pop $addToSet $setOnInsert'.split(' '),
);
const LEFT_OUT = new Set(['$rename', '$currentDate', '$bit']);
const PIPELINE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

export function compileUpdate(
  update: unknown,
  { arrayFilters, variables }: { arrayFilters?: unknown; variables?: Doc } = {},
): Update {
  if (Array.isArray(update)) return { kind: 'pipeline', apply: byPipeline(update, variables) };
  if (!isPlain(update)) throw new CommandError(9, 'Update argument must be either an object or an array');
  const first = Object.keys(update)[0];
  if (!first?.startsWith('$')) return { kind: 'replacement', apply: (doc) => replaced(doc, update) };
  const operators = checkOperators(update);
  const filters = compileArrayFilters(arrayFilters);
  refuseUnusedFilters(
    filters,
    Object.values(operators).flatMap((fields) => Object.keys(fields)),
  );
  return {
    kind: 'operators',
    apply: (doc, condition, inserting = false) => byOperators(doc, { operators, filters, condition, inserting }),
  };
}

/** What an upsert begins with: the filter's equalities. */
export function seedOf(condition: Doc, seed: Doc = {}): Doc {
  for (const [path, value] of Object.entries(condition)) {
    if (path === '$and') for (const clause of value as Doc[]) seedOf(clause, seed);
    if (path.startsWith('$')) continue;
    const equal = isPlain(value) && Object.keys(value)[0]?.startsWith('$') ? onlyValue(value) : value;
    if (equal !== undefined && !(equal instanceof RegExp)) setPath(seed, path, equal);
  }
  return seed;
}

function onlyValue(operators: Doc): unknown {
  if ('$eq' in operators) return operators['$eq'];
  const all = operators['$in'] ?? operators['$all'];
  return Array.isArray(all) && all.length === 1 && !isPlain(all[0]) ? all[0] : undefined;
}

export function withId(doc: Doc): Doc {
  const { _id, ...rest } = doc;
  return { _id: _id === undefined ? new ObjectId() : _id, ...rest };
}

function setPath(doc: Doc, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let target = doc;
  for (const step of steps) {
    if (!isPlain(target[step])) target[step] = {};
    target = target[step] as Doc;
  }
  target[last] = value;
}

function replaced(doc: Doc, replacement: Doc): Doc {
  const { _id: other, ...rest } = replacement;
  if (other !== undefined && doc['_id'] !== undefined && compareValues(other, doc['_id']) !== 0) {
    throw new CommandError(66, "After applying the update, the (immutable) field '_id' was found to have been altered");
  }
  const _id = doc['_id'] === undefined ? other : doc['_id'];
  return _id === undefined ? rest : { _id, ...rest };
}

function byPipeline(stages: unknown[], variables: Doc | undefined): Update['apply'] {
  for (const stage of stages) {
    const name = isPlain(stage) ? (Object.keys(stage)[0] ?? '') : '';
    if (!PIPELINE_STAGES.has(name)) throw new CommandError(72, `${name} is not allowed to be used within an update`);
  }
  const aggregator = new Aggregator(stages as Doc[], optionsOf(variables ? { variables } : {}));
  return (doc) => {
    const { _id } = doc;
    const after = aggregator.run([{ ...doc }])[0] as Doc;
    if (after['_id'] !== undefined && _id !== undefined && compareValues(after['_id'], _id) !== 0)
      throw immutableId('_id');
    return _id === undefined ? after : { _id, ...after };
  };
}

function checkOperators(update: Doc): Record<string, Doc> {
  for (const [operator, fields] of Object.entries(update)) {
    if (LEFT_OUT.has(operator)) throw unsupported(operator, 9);
    if (!MODIFIERS.has(operator)) {
      throw new CommandError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isPlain(fields)) {
      throw new CommandError(
        9,
        `Modifiers operate on fields but we found type ${typeof fields} instead. For example: {$mod: {<field>: ...}}`,
      );
    }
  }
  return update as Record<string, Doc>;
}

interface Application {
  operators: Record<string, Doc>;
  filters: ArrayFilters;
  condition: Doc;
  inserting: boolean;
}

/** One path of a document, and what an operator makes of it. */
interface Step {
  operator: string;
  path: string;
  operand: unknown;
}

function byOperators(doc: Doc, application: Application): Doc {
  const { operators, inserting } = application;
  const touched: string[] = [];
  const steps: Step[] = [];
  for (const [name, fields] of Object.entries(operators)) {
    // One by one: spread, as many as a client may send would be more than a call can take.
    if (name === '$setOnInsert' && !inserting) for (const path of Object.keys(fields)) touched.push(path);
    else for (const step of stepsOf(doc, { name, fields, touched }, application)) steps.push(step);
  }
  refuseConflicts(touched);
  const id = inserting ? steps.find(({ operator, path }) => operator === '$set' && path === '_id') : undefined;
  if (id) doc['_id'] = id.operand;
  // New fields come in the order of their names, whatever operator makes them.
  for (const { operator, path, operand } of steps.filter((step) => step !== id).sort(byPath)) {
    const fields = { [path]: operand };
    const change = changeOf(operator)?.(fields) ?? MINGO[operator]?.(fields, [], UPDATE_OPTIONS);
    change?.(doc);
  }
  return doc;
}

function stepsOf(
  doc: Doc,
  { name, fields, touched }: { name: string; fields: Doc; touched: string[] },
  { condition, filters }: Application,
): Step[] {
  const operator = name === '$setOnInsert' ? '$set' : name;
  return Object.entries(fields).flatMap(([stated, given]) => {
    const operand = operator === '$pull' ? fromWire(given) : given;
    return resolvePositions(doc, stated, { condition, filters }).flatMap((path) => {
      touched.push(path);
      if (path === '_id' && operator === '$set' && isSameId(doc, operand)) return [];
      refuseMisfit(doc, path, { operator, operand });
      return [{ operator, path, operand }];
    });
  });
}

function byPath(a: Step, b: Step): number {
  const [one, other] = [a.path.split('.'), b.path.split('.')];
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const order = compareNames(one[i] ?? '', other[i] ?? '');
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** Positions as numbers, names as texts. */
function compareNames(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isSameId(doc: Doc, value: unknown): boolean {
  if (doc['_id'] === undefined) return false;
  if (compareValues(doc['_id'], value) === 0) return true;
  throw immutableId('_id');
}

function immutableId(path: string): CommandError {
  return new CommandError(66, `Performing an update on the path '${path}' would modify the immutable field '_id'`);
}

function refuseConflicts(paths: string[]): void {
  const known = new Set<string>();
  const parents = new Set<string>();
  for (const path of paths) {
    const steps = path.split('.');
    const prefixes = steps.map((_, i) => steps.slice(0, i + 1).join('.'));
    const above = parents.has(path) ? path : prefixes.find((prefix) => known.has(prefix));
    if (above) throw new CommandError(40, `Updating the path '${path}' would create a conflict at '${above}'`);
    known.add(path);
    for (const prefix of prefixes.slice(0, -1)) parents.add(prefix);
  }
}
