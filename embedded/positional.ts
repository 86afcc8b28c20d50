/**
 * `$`, `$[]` and `$[name]` in an update's paths, turned into the plain positions they mean in one document. mingo has
 * them too, but refuses two of them on one array, which mongoose sends.
 */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { compileFilter, type Filter } from './filter.ts';

export type ArrayFilters = Map<string, Filter>;

export function compileArrayFilters(filters: unknown): ArrayFilters {
  const compiled: ArrayFilters = new Map();
  for (const filter of Array.isArray(filters) ? filters : []) {
    const name = isPlain(filter) ? identifierOf(filter) : undefined;
    if (!name) throw new CommandError(9, 'Cannot use an expression without a top-level field name in arrayFilters');
    if (compiled.has(name))
      throw new CommandError(9, `Found multiple array filters with the same top-level field name ${name}`);
    compiled.set(name, compileFilter(filter));
  }
  return compiled;
}

export function refuseUnusedFilters(filters: ArrayFilters, paths: string[]): void {
  for (const name of filters.keys()) {
    if (!paths.some((path) => path.includes(`$[${name}]`))) {
      throw new CommandError(9, `The array filter for identifier '${name}' was not used in the update`);
    }
  }
}

export function resolvePositions(
  doc: Doc,
  path: string,
  { condition, filters }: { condition: Doc; filters: ArrayFilters },
): string[] {
  if (!path.includes('$')) return [path];
  const steps = path.split('.');
  const at = steps.findIndex((step) => step === '$' || step.startsWith('$['));
  if (at < 0) return [plain(path, steps)];
  const head = steps.slice(0, at);
  const array = head.reduce<unknown>((value, step) => (value as Doc | undefined | null)?.[step], doc);
  const step = steps[at] ?? '';
  const positions =
    step === '$' ? [matchedPosition(array, head.join('.'), condition)] : filtered(array, { step, path, filters });
  return positions.flatMap((i) =>
    resolvePositions(doc, [...head, String(i), ...steps.slice(at + 1)].join('.'), { condition, filters }),
  );
}

/** A name that begins with a dollar is one of a reference, or none. */
function plain(path: string, steps: string[]): string {
  const dollar = steps.find((step, i) => step.startsWith('$') && !(i > 0 && /^\$(ref|id|db)$/.test(step)));
  if (dollar === undefined) return path;
  throw new CommandError(
    52,
    `The dollar ($) prefixed field '${dollar}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );
}

function filtered(
  array: unknown,
  { step, path, filters }: { step: string; path: string; filters: ArrayFilters },
): number[] {
  const name = step.slice(2, -1);
  const filter = filters.get(name);
  if (name && !filter) throw new CommandError(2, `No array filter found for identifier '${name}' in path '${path}'`);
  if (!Array.isArray(array)) {
    if (array === undefined) {
      throw new CommandError(
        2,
        `The path '${path.slice(0, path.indexOf('.$'))}' must exist in the document in order to apply array updates.`,
      );
    }
    throw new CommandError(2, `Cannot apply array updates to non-array element ${path.slice(0, path.indexOf('.$'))}`);
  }
  return [...array.keys()].filter((i) => !filter || filter.test({ [name]: array[i] }));
}

/** The first element that the filter's conditions on this array hold for. */
function matchedPosition(array: unknown, path: string, condition: Doc): number {
  const tests = conditionsOn(condition, path);
  if (Array.isArray(array) && tests.length > 0) {
    const all = array.findIndex((element) => tests.every((test) => test(element)));
    const any = all < 0 ? array.findIndex((element) => tests.some((test) => test(element))) : all;
    if (any >= 0) return any;
  }
  throw new CommandError(2, 'The positional operator did not find the match needed from the query.');
}

function conditionsOn(condition: Doc, path: string): ((element: unknown) => boolean)[] {
  return Object.entries(condition).flatMap(([key, value]) => {
    if (key === '$and' || key === '$or') return (value as Doc[]).flatMap((clause) => conditionsOn(clause, path));
    if (key === path) {
      const filter = compileFilter({ element: value });
      return [(element: unknown) => filter.test({ element: [element] })];
    }
    if (!key.startsWith(`${path}.`)) return [];
    const filter = compileFilter({ [key.slice(path.length + 1)]: value });
    return [(element: unknown) => isPlain(element) && filter.test(element)];
  });
}

function identifierOf(filter: Doc): string | undefined {
  for (const [key, value] of Object.entries(filter)) {
    if (!key.startsWith('$')) return key.split('.')[0];
    const inner = Array.isArray(value) ? value.find(isPlain) : undefined;
    if (inner) return identifierOf(inner);
  }
  return undefined;
}
