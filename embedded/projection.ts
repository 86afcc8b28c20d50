/** The fields a find gives back: those of `$project`, and what only a find knows: `$slice`, `$elemMatch` and positions. */
import { Aggregator } from 'mingo/aggregator';
import { Query } from 'mingo/query';
import { type Doc, isPlain } from './codec.ts';
import { parseProjection } from './fields.ts';
import { optionsOf } from './operators.ts';

export function compileProjection(
  projection: unknown,
  condition: Doc,
  variables: Doc = {},
): ((doc: Doc) => Doc) | undefined {
  if (!isPlain(projection) || Object.keys(projection).length === 0) return undefined;
  const entries = Object.entries(projection);
  const slices = entries.filter(([, value]) => isPlain(value) && isSlice(value['$slice']));
  if (slices.length > 0) return sliced(slices, { projection, condition, variables });
  const isFinds = entries.some(([path, value]) => path.includes('$') || (isPlain(value) && '$elemMatch' in value));
  if (isFinds) return byMingo(projection, condition, variables);
  const { keep, computed } = parseProjection(projection);
  if (!computed) return keep;
  const stage = new Aggregator([{ $project: projection }], optionsOf({ variables }));
  return (doc) => stage.run([doc])[0] as Doc;
}

interface Projection {
  projection: Doc;
  condition: Doc;
  variables: Doc;
}

/** `$slice` shortens an array, and by itself leaves all other fields in; mingo takes it for an inclusion. */
function sliced(slices: [string, unknown][], { projection, condition, variables }: Projection): (doc: Doc) => Doc {
  const paths = slices.map(([path]) => path);
  const others = Object.entries(projection).filter(([path]) => !paths.includes(path));
  const including = others.some(([path, value]) => path !== '_id' && Boolean(value));
  const kept = including ? paths.map((path) => [path, 1]) : [];
  const rest = compileProjection(Object.fromEntries([...others, ...kept]), condition, variables);
  return (doc) => {
    const short = { ...doc };
    for (const [path, spec] of slices) {
      const list = short[path];
      if (Array.isArray(list)) short[path] = slice(list, (spec as Doc)['$slice'] as number | [number, number]);
    }
    return rest ? rest(short) : short;
  };
}

function isSlice(spec: unknown): boolean {
  return typeof spec === 'number' || (Array.isArray(spec) && spec.every((one) => typeof one === 'number'));
}

function slice(list: unknown[], spec: number | [number, number]): unknown[] {
  if (typeof spec === 'number') return spec < 0 ? list.slice(spec) : list.slice(0, spec);
  const start = spec[0] < 0 ? Math.max(0, list.length + spec[0]) : spec[0];
  return list.slice(start, start + spec[1]);
}

function byMingo(projection: Doc, condition: Doc, variables: Doc): (doc: Doc) => Doc {
  const positional = Object.keys(projection).some((path) => path.endsWith('.$'));
  const query = new Query(positional ? condition : {}, optionsOf({ variables }));
  return (doc) => (query.find([doc], projection as never).next() as Doc | undefined) ?? {};
}
