/**
 * Documents cut down while they are still bytes. Most of what is tested or left out never has to be decoded, and a
 * document is not encoded anew only because some of its fields are not wanted. Whatever is not simple is left to the
 * decoder: `undefined` says so.
 */
import { type Doc, type Element, elementsOf, isPlain } from './codec.ts';

/** Names, as latin1 of their bytes; true for the whole value. */
export type Fields = Map<string, Fields | true>;

const DOCUMENT = 3;
const ARRAY = 4;
const LOGICAL = new Set(['$and', '$or', '$nor']);

/** The fields that a filter looks at; undefined where an expression may look anywhere. */
export function fieldsOf(condition: Doc, fields: Fields = new Map()): Fields | undefined {
  for (const [path, value] of Object.entries(condition)) {
    if (LOGICAL.has(path)) {
      if (!(value as Doc[]).every((clause) => fieldsOf(clause, fields))) return undefined;
    } else if (path.startsWith('$')) return undefined;
    else add(fields, path.split('.'));
  }
  return fields;
}

function add(fields: Fields, [step = '', ...rest]: string[]): void {
  const name = inLatin1(step);
  const known = fields.get(name);
  if (known === true) return;
  if (rest.length === 0) fields.set(name, true);
  else {
    const inner: Fields = known ?? new Map();
    fields.set(name, inner);
    add(inner, rest);
  }
}

const inLatin1 = (name: string): string => Buffer.from(name).toString('latin1');

/** Only these fields. On the way to one an array, or anything that is not a document, is kept whole. */
export function narrow(bytes: Buffer, fields: Fields, start = 0): Buffer | undefined {
  const elements = elementsOf(bytes, start);
  if (!elements) return undefined;
  const parts: Buffer[] = [];
  for (const { name, type, at, value, end } of elements) {
    const wanted = fields.get(name);
    if (wanted === undefined) continue;
    const inner = wanted === true || type !== DOCUMENT ? bytes.subarray(value, end) : narrow(bytes, wanted, value);
    if (!inner) return undefined;
    parts.push(bytes.subarray(at, value), inner);
  }
  return documentOf(parts);
}

function documentOf(parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const size = Buffer.allocUnsafe(4);
  size.writeInt32LE(length);
  return Buffer.concat([size, ...parts, Buffer.alloc(1)], length);
}

/** A projection of whole fields, and of the ends of arrays; the usual kind. */
export function projectionOfBytes(projection: unknown): ((raw: Buffer) => Buffer | undefined) | undefined {
  if (!isPlain(projection)) return undefined;
  const { _id: id, ...others } = projection;
  const names = Object.keys(others);
  if (isPlain(id) || names.some((name) => /[.$]/.test(name))) return undefined;
  const isKept = id === undefined || Boolean(id);
  const values = Object.values(others);
  if (names.length > 0 ? values.every(isYes) : isYes(id)) return including([...(isKept ? ['_id'] : []), ...names]);
  if (!values.every((value) => isNo(value) || sliceOf(value) !== undefined)) return undefined;
  return excluding({ ...(!isKept && { _id: 0 }), ...others });
}

const isYes = (value: unknown): boolean => value === true || (typeof value === 'number' && value !== 0);
const isNo = (value: unknown): boolean => value === false || value === 0;

/** How many from the front, or from the end. */
function sliceOf(value: unknown): number | undefined {
  const spec = isPlain(value) && Object.keys(value).length === 1 ? value['$slice'] : undefined;
  return typeof spec === 'number' && Number.isInteger(spec) && spec !== 0 ? spec : undefined;
}

function including(names: string[]): (raw: Buffer) => Buffer | undefined {
  const fields: Fields = new Map(names.map((name) => [inLatin1(name), true]));
  return (raw) => narrow(raw, fields);
}

function excluding(fields: Doc): (raw: Buffer) => Buffer | undefined {
  const cuts = new Map(Object.entries(fields).map(([name, value]) => [inLatin1(name), sliceOf(value)]));
  return (raw) => {
    const parts: Buffer[] = [];
    for (const element of elementsOf(raw) ?? []) {
      const count = cuts.get(element.name);
      if (!cuts.has(element.name)) parts.push(raw.subarray(element.at, element.end));
      else if (count !== undefined && element.type === ARRAY) {
        const short = shortened(raw, element, count);
        if (!short) return undefined;
        parts.push(raw.subarray(element.at, element.value), short);
      } else if (count !== undefined) parts.push(raw.subarray(element.at, element.end));
    }
    return parts.length > 0 ? documentOf(parts) : undefined;
  };
}

/** What is left is counted from zero again: that is what the names of an array's elements are. */
function shortened(raw: Buffer, { value }: Element, count: number): Buffer | undefined {
  const elements = elementsOf(raw, value);
  const kept = count < 0 ? elements?.slice(count) : elements?.slice(0, count);
  const parts = kept?.flatMap(({ at, value: from, end }, n) => [
    raw.subarray(at, at + 1),
    Buffer.from(`${n}\0`),
    raw.subarray(from, end),
  ]);
  return parts && documentOf(parts);
}
