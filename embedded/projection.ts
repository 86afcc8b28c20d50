/**
 * The fields a find gives back. Plain inclusion and exclusion keep the document's own order of fields, as MongoDB does
 * and mingo doesn't; operators and positional projections are mingo's.
 */
import { Aggregator } from 'mingo/aggregator';
import { Query } from 'mingo/query';
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';
import { exclude, include, isFlag, treeOf } from './fields.ts';
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
  const simple = entries.every(([path, value]) => !path.includes('$') && isFlag(value));
  if (!simple) return byMingo(projection, condition, variables);
  const fields = entries.filter(([path]) => path !== '_id');
  const included = fields.filter(([, value]) => Boolean(value));
  if (included.length > 0 && included.length < fields.length) {
    const mixed = fields.find(([, value]) => !value)?.[0];
    throw new CommandError(31254, `Cannot do exclusion on field ${mixed} in inclusion projection`);
  }
  const idFlag = projection['_id'];
  const tree = treeOf(fields.map(([path]) => path));
  const including = included.length > 0 || (fields.length === 0 && Boolean(idFlag));
  if (including && (idFlag === undefined || Boolean(idFlag))) tree.set('_id', true);
  if (!including && idFlag !== undefined && !idFlag) tree.set('_id', true);
  return (doc) => (including ? include(doc, tree) : exclude(doc, tree)) as Doc;
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
  const isFinds = Object.entries(projection).some(
    ([path, value]) => path.includes('$') || (isPlain(value) && ('$elemMatch' in value || '$slice' in value)),
  );
  if (!isFinds) {
    const stage = new Aggregator([{ $project: projection }], optionsOf({ variables }));
    return (doc) => stage.run([doc])[0] as Doc;
  }
  const positional = Object.keys(projection).some((path) => path.endsWith('.$'));
  const query = new Query(positional ? condition : {}, optionsOf({ variables }));
  return (doc) => (query.find([doc], projection as never).next() as Doc | undefined) ?? {};
}
