/**
 * Figures and how they compare with those of another period. Percentiles are exact, by nearest rank: the smallest value
 * that at least so large a part of all does not exceed. Of nothing there is no percentile and no share: null.
 */

/** A report: figures under names, in groups. */
interface Figures {
  [name: string]: number | null | Figures;
}

/** A figure beside its like: `relative` is null where the earlier one was nothing. */
interface Compared {
  value: number | null;
  previous?: number | null;
  absolute?: number | null;
  relative?: number | null;
}

export type ComparedFigures<F> = {
  [Name in keyof F]: F[Name] extends number | null ? Compared : ComparedFigures<F[Name]>;
};

/** Both reports have the same names: each figure of the first with its like in the second. */
export function compare<F extends object>(now: F, before: F | undefined): ComparedFigures<F> {
  const names = Object.keys(now) as (keyof F)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      compareOne(now[name] as Figures[string], before?.[name] as Figures[string] | undefined),
    ]),
  ) as ComparedFigures<F>;
}

function compareOne(now: Figures[string], before: Figures[string] | undefined): unknown {
  if (now !== null && typeof now === 'object') return compare(now, before as Figures | undefined);
  if (before === undefined || (before !== null && typeof before === 'object')) return { value: now };
  const known = now !== null && before !== null;
  return {
    value: now,
    previous: before,
    absolute: known ? now - before : null,
    relative: known && before !== 0 ? (now - before) / before : null,
  };
}

export interface Spread {
  median: number | null;
  p90: number | null;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return { median: percentile(sorted, 50), p90: percentile(sorted, 90) };
}

function percentile(sorted: Float64Array, percent: number): number | null {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? null;
}

export const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** Those that have the same key together, in the order of the keys. */
export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return new Map([...groups].sort(([one], [other]) => (one < other ? -1 : 1)));
}
