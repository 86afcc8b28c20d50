/** The order a sort asks for, as bytes that compare as MongoDB compares values. */
import { type Doc, isPlain } from './codec.ts';
import { indexKeys } from './index-keys.ts';
import { encodeKey, flip } from './keys.ts';

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
