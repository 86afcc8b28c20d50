/** What MongoDB refuses of an update on this very document, and mingo would pass over in silence. */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { typeName, typeOrder } from './keys.ts';
import { isNumeric } from './numbers.ts';

/** MongoDB's: how many nulls may come between the end of an array and a position that is set. */
const MOST_PADDING = 1_500_000;
const REMOVING = new Set(['$unset', '$pull', '$pullAll', '$pop']);

export function refuseMisfit(
  doc: Doc,
  path: string,
  { operator, operand }: { operator: string; operand: unknown },
): void {
  const steps = path.split('.');
  if (steps.includes(''))
    throw new CommandError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  if (steps[0] === '_id' && doc['_id'] !== undefined) {
    throw new CommandError(66, `Performing an update on the path '${path}' would modify the immutable field '_id'`);
  }
  refuseOperand(path, { operator, operand });
  const leaf = walk(doc, steps, !REMOVING.has(operator));
  if (leaf !== undefined) refuseLeaf(leaf, { path, operator, id: doc['_id'] });
}

function walk(doc: Doc, steps: string[], creating: boolean): unknown {
  let value: unknown = doc;
  for (const [i, step] of steps.entries()) {
    if (value === undefined) return undefined;
    const viable = isPlain(value) || (Array.isArray(value) && /^\d+$/.test(step));
    if (!viable && creating) {
      const parent = steps[i - 1] ?? '';
      throw new CommandError(28, `Cannot create field '${step}' in element {${parent}: ${JSON.stringify(value)}}`);
    }
    if (!viable) return undefined;
    if (Array.isArray(value) && creating && Number(step) > value.length + MOST_PADDING)
      throw new CommandError(2, `can't backfill more than ${MOST_PADDING} elements`);
    value = Object.hasOwn(value as object, step) ? (value as Doc)[step] : undefined;
  }
  return value;
}

function refuseOperand(path: string, { operator, operand }: { operator: string; operand: unknown }): void {
  if (operator === '$inc' || operator === '$mul') {
    const verb = operator === '$inc' ? 'increment' : 'multiply';
    if (!isNumeric(operand))
      throw new CommandError(14, `Cannot ${verb} with non-numeric argument: {${path}: ${JSON.stringify(operand)}}`);
  }
  if (operator === '$pullAll' && !Array.isArray(operand))
    throw new CommandError(2, '$pullAll requires an array argument');
  if (operator === '$pop' && operand !== 1 && operand !== -1) throw new CommandError(9, '$pop expects 1 or -1');
  if (operator === '$push' || operator === '$addToSet') refuseEach(operator, operand);
}

function refuseEach(operator: string, operand: unknown): void {
  if (!isPlain(operand) || !('$each' in operand)) return;
  if (!Array.isArray(operand['$each'])) {
    const code = operator === '$push' ? 2 : 14;
    throw new CommandError(
      code,
      `The argument to $each in ${operator} must be an array but it was of type ${shownType(operand['$each'])}`,
    );
  }
  const known = operator === '$push' ? ['$each', '$slice', '$sort', '$position'] : ['$each'];
  const unknown = Object.keys(operand).find((key) => !known.includes(key));
  if (unknown) throw new CommandError(2, `Unrecognized clause in ${operator}: ${unknown}`);
}

function refuseLeaf(leaf: unknown, { path, operator, id }: { path: string; operator: string; id: unknown }): void {
  const name = path.split('.').at(-1);
  const type = shownType(leaf);
  if ((operator === '$inc' || operator === '$mul') && !isNumeric(leaf)) {
    throw new CommandError(
      14,
      `Cannot apply ${operator} to a value of non-numeric type. {_id: ${JSON.stringify(id)}} has the field '${name}' of non-numeric type ${type}`,
    );
  }
  if (Array.isArray(leaf)) return;
  if (operator === '$push') {
    throw new CommandError(
      2,
      `The field '${path}' must be an array but is of type ${type} in document {_id: ${JSON.stringify(id)}}`,
    );
  }
  if (operator === '$addToSet') {
    throw new CommandError(
      2,
      `Cannot apply $addToSet to non-array field. Field named '${name}' has non-array type ${type}`,
    );
  }
  if (operator === '$pull' || operator === '$pullAll')
    throw new CommandError(2, `Cannot apply ${operator} to a non-array value`);
  if (operator === '$pop') throw new CommandError(14, `Path '${path}' contains an element of non-array type '${type}'`);
}

function shownType(value: unknown): string {
  if (typeOrder(value) === typeOrder(0)) return Number.isInteger(value) ? 'int' : 'double';
  return typeName(value ?? null);
}
