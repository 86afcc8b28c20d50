/**
 * The keys one document has in one index. An array gives one key for each element, and the fields of a compound index
 * walk through a shared array together: crossing them would make up pairs that no element has.
 */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { EMPTY_ARRAY, encodeKey, MAX_KEY } from './keys.ts';

export interface IndexField {
  path: string[];
  descending: boolean;
}

export interface IndexKeys {
  keys: Buffer[];
  /** Some field met an array, even one of a single element: the planner must then take care. */
  multikey: boolean;
  /** Every field is missing: a sparse index leaves such a document out. */
  absent: boolean;
}

interface Walker {
  value: unknown;
  rest: string[];
  /** An element of an array at the end of its path is taken as it is, even if it is an array again. */
  ended: boolean;
}

export function indexKeys(doc: Doc, fields: IndexField[], longest = MAX_KEY): IndexKeys {
  const found: IndexKeys = { keys: [], multikey: false, absent: true };
  const seen = new Set<string>();
  expand(
    fields.map(({ path }) => ({ value: doc, rest: path, ended: false })),
    (values, multikey) => {
      found.multikey ||= multikey;
      found.absent &&= values.every((value) => value === undefined);
      const key = Buffer.concat(values.map((value, i) => encodeKey(value, fields[i]?.descending)));
      if (key.length > longest) throw new CommandError(17280, `An index key may have ${MAX_KEY} bytes at most.`);
      const text = key.toString('latin1');
      if (!seen.has(text)) found.keys.push(key);
      seen.add(text);
    },
  );
  return found;
}

type Visit = (values: unknown[], multikey: boolean) => void;

function expand(walkers: Walker[], visit: Visit, multikey = false): void {
  const walked = walkers.map(walk);
  const arrays = walked.filter((walker) => Array.isArray(walker.value) && !walker.ended);
  const first = arrays[0]?.value as unknown[] | undefined;
  if (!first) {
    visit(
      walked.map(({ value }) => value),
      multikey,
    );
    return;
  }
  if (arrays.some(({ value }) => value !== first)) {
    throw new CommandError(171, 'cannot index parallel arrays');
  }
  const elements = first.length > 0 ? first : [EMPTY_ARRAY];
  for (const element of elements) expand(walked.map(stepInto(first, element)), visit, true);
}

function walk({ value, rest, ended }: Walker): Walker {
  let current = value;
  let i = 0;
  while (i < rest.length && isPlain(current)) current = current[rest[i++] ?? ''];
  if (i === rest.length) return { value: current, rest: [], ended };
  if (Array.isArray(current)) return { value: current, rest: rest.slice(i), ended: false };
  return { value: undefined, rest: [], ended: true };
}

function stepInto(array: unknown[], element: unknown): (walker: Walker) => Walker {
  return (walker) => {
    if (walker.value !== array || walker.ended) return walker;
    if (walker.rest.length === 0) return { value: element, rest: [], ended: true };
    return { value: isPlain(element) ? element : undefined, rest: isPlain(element) ? walker.rest : [], ended: false };
  };
}
