/**
 * An update carried out on a document's bytes: only the fields that it names are decoded, and what becomes of them is put
 * in their place. What is pushed follows the bytes of its array, whatever they are. What is not that simple is left to
 * the decoder: `undefined` says so.
 */
import { type Doc, decodeExact, type Element, elementsOf, encode, isPlain } from './codec.ts';
import { documentOf, inLatin1 } from './narrow.ts';

/** An update of operators, on any document. */
export interface Touching {
  /** The fields that it may change, in latin1. */
  names: Set<string>;
  /** Those of which it only makes an array longer: by so many items, if there are `most` at most in the end. */
  growing: Map<string, { items: number; most: number }>;
  apply(doc: Doc): Doc;
}

const ARRAY = 4;
const ID = '_id';

/** What operators touch; undefined where that depends on the document. */
export function touchedBy(operators: Record<string, Doc>): Omit<Touching, 'apply'> | undefined {
  const paths = Object.values(operators).flatMap((fields) => Object.keys(fields));
  if ('$rename' in operators || paths.some((path) => path.includes('$'))) return undefined;
  const names = paths.map((path) => inLatin1(path.split('.', 1)[0] ?? ''));
  const growing: Touching['growing'] = new Map();
  for (const [path, operand] of Object.entries(operators['$push'] ?? {})) {
    const growth = path.includes('.') ? undefined : growthBy(operand);
    const name = inLatin1(path);
    if (growth && names.indexOf(name) === names.lastIndexOf(name)) growing.set(name, growth);
  }
  return { names: new Set(names), growing };
}

/** A push that puts something at the end, and so need not know what is in the array. */
function growthBy(operand: unknown): { items: number; most: number } | undefined {
  const { $each = [operand], $slice = Number.NEGATIVE_INFINITY, ...others } = eachIn(operand);
  const isSimple = Array.isArray($each) && typeof $slice === 'number' && $slice < 0;
  return isSimple && Object.keys(others).length === 0 ? { items: $each.length, most: -$slice } : undefined;
}

const eachIn = (operand: unknown): Doc => (isPlain(operand) && '$each' in operand ? operand : {});

/** The document after the update. */
export function splice(before: Buffer, { names, growing, apply }: Touching): Buffer | undefined {
  const elements = elementsOf(before);
  if (!elements) return undefined;
  const counts = new Map<string, number>();
  for (const { name, type, value } of elements) {
    const { items, most } = growing.get(name) ?? { items: 0, most: -1 };
    const count = type === ARRAY && most >= 0 ? elementsOf(before, value)?.length : undefined;
    if (count !== undefined && count + items <= most) counts.set(name, count);
  }
  const isDecoded = ({ name }: Element) => name === ID || (names.has(name) && !counts.has(name));
  const part = documentOf(elements.filter(isDecoded).map(({ at, end }) => before.subarray(at, end)));
  const bytes = encode(apply(decodeExact(part)));
  const made = elementsOf(bytes);
  if (!made) return undefined;

  const parts = new Map(made.map((element) => [element.name, [bytes.subarray(element.at, element.end)]]));
  const wholes = elements.flatMap((element) => {
    const { name, at, end } = element;
    const become = parts.get(name);
    parts.delete(name);
    const count = counts.get(name);
    if (count === undefined) return become ?? (names.has(name) ? [] : [before.subarray(at, end)]);
    return become?.[0] ? longer(before, element, { count, added: become[0] }) : [before.subarray(at, end)];
  });
  return documentOf([...wholes, ...[...parts.values()].flat()]);
}

/** An array with the items of another one, `added`, behind its own. */
function longer(
  before: Buffer,
  { at, value, end }: Element,
  { count, added }: { count: number; added: Buffer },
): Buffer[] {
  const from = added.indexOf(0) + 1;
  const items = (elementsOf(added, from) ?? []).flatMap((item, n) => [
    added.subarray(item.at, item.at + 1),
    Buffer.from(`${count + n}\0`),
    added.subarray(item.value, item.end),
  ]);
  return [before.subarray(at, value), documentOf([before.subarray(value + 4, end - 1), ...items])];
}
