/**
 * A filter made ready for mingo: regular expressions as they come over the wire become JavaScript's, and whatever this
 * server can't answer is refused by name before a single document is read. Ignoring it would answer something else.
 */
import type { BSONRegExp } from 'bson';
import { Query } from 'mingo/query';
import { bsonTypeOf, type Doc, isPlain } from './codec.ts';
import { CommandError, unsupported } from './errors.ts';
import { optionsOf, QUERY_OPTIONS } from './operators.ts';
import { toRegExp } from './regexp.ts';

export interface Filter {
  test(doc: Doc): boolean;
  condition: Doc;
  /** It asks for a type of number, which only `decodeExact` tells. */
  exact: boolean;
}

const LOGICAL = new Set(['$and', '$or', '$nor']);
const FIELD_OPERATORS = new Set(
  '$eq $ne $gt $gte $lt $lte $in $nin $exists $type $regex $options $not $elemMatch $size $all $mod'.split(' '),
);
const REFUSED =
  /^\$(where|text|jsonSchema|near|nearSphere|geoWithin|geoIntersects|sampleRate|rand|bits(All|Any)(Set|Clear))$/;

export function compileFilter(filter: unknown, variables: Doc = {}): Filter {
  if (!isPlain(filter)) throw new CommandError(14, 'the filter must be an object');
  const condition = prepareFilter(filter);
  if (Object.keys(condition).length === 0) return { condition, exact: false, test: () => true };
  const hasVariables = Object.keys(variables).length > 0;
  const query = new Query(condition, hasVariables ? optionsOf({ variables }) : QUERY_OPTIONS);
  return { condition, exact: asksForType(condition), test: (doc) => query.test(doc) };
}

function asksForType(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(asksForType);
  return isPlain(value) && ('$type' in value || Object.values(value).some(asksForType));
}

export function prepareFilter(filter: Doc): Doc {
  const prepared: Doc = {};
  for (const [key, value] of Object.entries(filter)) {
    if (key === '$comment') continue;
    else if (LOGICAL.has(key)) prepared[key] = clauses(key, value);
    else if (key === '$expr') prepared[key] = fromWire(value);
    else if (key.startsWith('$')) throw refusedOperator(key, 'unknown top level operator');
    else prepared[key] = prepareField(value);
  }
  return prepared;
}

/** BSON's regular expressions, anywhere in a value, as JavaScript's. */
export function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (bsonTypeOf(value) === 'BSONRegExp') return toRegExp(value as BSONRegExp);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromWire(item)]));
}

function clauses(operator: string, value: unknown): Doc[] {
  if (!Array.isArray(value) || value.length === 0) throw new CommandError(2, `${operator} must be a nonempty array`);
  return value.map((clause) => {
    if (!isPlain(clause)) throw new CommandError(2, '$or/$and/$nor entries need to be full objects');
    return prepareFilter(clause);
  });
}

function prepareField(value: unknown): unknown {
  if (!isPlain(value)) return fromWire(value);
  const first = Object.keys(value)[0];
  if (!first?.startsWith('$') || first === '$ref' || first === '$id') return { $eq: value };
  const prepared: Doc = {};
  for (const [operator, operand] of Object.entries(value)) prepared[operator] = prepareOperand(operator, operand);
  if ('$regex' in prepared) prepareRegex(prepared);
  return prepared;
}

function prepareOperand(operator: string, operand: unknown): unknown {
  if (!FIELD_OPERATORS.has(operator)) throw refusedOperator(operator, 'unknown operator');
  if ((operator === '$in' || operator === '$nin' || operator === '$all') && !Array.isArray(operand)) {
    throw new CommandError(2, `${operator} needs an array`);
  }
  if (operator === '$elemMatch') return prepareElemMatch(operand);
  if (operator === '$not') return prepareNot(operand);
  if (operator === '$size' && !Number.isInteger(operand)) {
    throw new CommandError(2, `Failed to parse $size. Expected an integer in: $size: ${JSON.stringify(operand)}`);
  }
  if (operator === '$all') return (operand as unknown[]).map(prepareAll);
  return fromWire(operand);
}

function prepareAll(item: unknown): unknown {
  return isPlain(item) && '$elemMatch' in item ? { $elemMatch: prepareElemMatch(item['$elemMatch']) } : fromWire(item);
}

function prepareElemMatch(operand: unknown): unknown {
  if (!isPlain(operand)) throw new CommandError(2, '$elemMatch needs an Object');
  const first = Object.keys(operand)[0] ?? '';
  return first.startsWith('$') && !LOGICAL.has(first) && first !== '$expr'
    ? prepareField(operand)
    : prepareFilter(operand);
}

function prepareNot(operand: unknown): unknown {
  if (bsonTypeOf(operand) === 'BSONRegExp') return { $regex: toRegExp(operand as BSONRegExp) };
  if (operand instanceof RegExp) return { $regex: operand };
  const first = isPlain(operand) ? Object.keys(operand)[0] : undefined;
  if (!first?.startsWith('$')) throw new CommandError(2, '$not needs a regex or a document');
  return prepareField(operand);
}

function prepareRegex(prepared: Doc): void {
  const pattern = prepared['$regex'];
  const options = prepared['$options'];
  if (typeof pattern !== 'string' && !(pattern instanceof RegExp))
    throw new CommandError(2, '$regex has to be a string');
  const source = pattern instanceof RegExp ? pattern.source : pattern;
  const flags = typeof options === 'string' ? options : pattern instanceof RegExp ? pattern.flags : '';
  prepared['$regex'] = toRegExp({ pattern: source, options: flags });
  delete prepared['$options'];
}

function refusedOperator(operator: string, otherwise: string): CommandError {
  if (REFUSED.test(operator)) return unsupported(operator, 2);
  return new CommandError(2, `${otherwise}: ${operator}`);
}
