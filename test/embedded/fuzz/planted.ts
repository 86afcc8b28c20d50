/** Every guard of the planner, and how to take it out: a fuzz that doesn't notice is worth nothing. */
export interface Planted {
  guard: string;
  file: string;
  from: string;
  to: string;
}

export const PLANTED: Planted[] = [
  {
    guard: 'two ends of a range on a multikey path are not intersected',
    file: 'planner.ts',
    from: 'multikey && low ? undefined : predicates.high',
    to: 'predicates.high',
  },
  {
    guard: 'a multikey index does not sort',
    file: 'planner.ts',
    from: 'index.multikey || merges ?',
    to: 'merges ?',
  },
  {
    guard: 'fields that share an array do not both give bounds',
    file: 'planner.ts',
    from: 'if (index.multikey && roots.has',
    to: 'if (roots.has("") && roots.has',
  },
  {
    guard: 'a partial index needs a filter that implies it',
    file: 'planner.ts',
    from: 'index.partial && !implies(',
    to: 'index.partial && !Array(',
  },
  {
    guard: 'a sparse index does not answer for missing fields',
    file: 'planner.ts',
    from: 'if (index.sparse &&',
    to: 'if (!index &&',
  },
  {
    guard: 'null does not exclude the missing',
    file: 'planner.ts',
    from: 'predicates.points.every((point) => point !== null && point !== undefined)',
    to: 'predicates.points.length > 0',
  },
  {
    guard: 'a range must be within the partial one',
    file: 'planner.ts',
    from: 'return order > 0 ||',
    to: 'return order < 2 ||',
  },
  {
    guard: 'an array is not a point',
    file: 'planner.ts',
    from: '!Array.isArray(value) && !(value instanceof',
    to: '!(value instanceof',
  },
  {
    guard: 'mixed directions are not one direction',
    file: 'planner.ts',
    from: 'direction !== 0 && direction !== agrees',
    to: 'direction > 9',
  },
  {
    guard: 'only a single point fixes a field for sorting',
    file: 'planner.ts',
    from: 'points?.length === 1',
    to: 'points !== undefined',
  },
  {
    guard: 'several ranges in order are merged',
    file: 'query.ts',
    from: 'merge && plan.sorted &&',
    to: '!merge && plan.sorted &&',
  },
  {
    guard: 'a document with several keys comes once',
    file: 'query.ts',
    from: 'if (text && seen.has(text)) continue;',
    to: '',
  },
  {
    guard: 'a second condition on an _id is tested',
    file: 'query.ts',
    from: 'Object.keys(_id).length > 1',
    to: 'Object.keys(_id).length > 9',
  },
  {
    guard: 'another condition beside an _id is tested',
    file: 'query.ts',
    from: 'Object.keys(rest).length > 0',
    to: 'Object.keys(rest).length > 9',
  },
  {
    guard: 'an open end leaves out its value, a closed one keeps it',
    file: 'planner.ts',
    from: 'after: low.open !== descending',
    to: 'after: low.open === descending',
  },
  {
    guard: 'elements of a shared array go together',
    file: 'index-keys.ts',
    from: 'if (walker.value !== array || walker.ended) return walker;',
    to: 'if (walker.value !== array || walker.ended || walker.rest[0] === "y") return { ...walker, ended: true };',
  },
];
