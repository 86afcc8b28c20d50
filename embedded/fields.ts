/** Projections, of a find and of a stage: what is left of a document, in its own order, when fields are kept or cut. */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';

type Tree = Map<string, Tree | true>;

/** What a projection keeps of a document, and the expressions it computes beside, of which there may be none. */
export function parseProjection(spec: unknown): { keep(doc: unknown): Doc; computed?: Doc } {
  const leaves = leavesOf(spec);
  if (leaves.length === 0)
    throw new CommandError(51272, 'Invalid $project: projection specification must have at least one field');
  const flags = leaves.filter(([, value]) => isFlag(value));
  const computed = leaves.filter(([, value]) => !isFlag(value));
  const id = flags.find(([path]) => path === '_id')?.[1];
  const [kept, cut] = [true, false].map((way) =>
    flags.filter(([path, value]) => path !== '_id' && Boolean(value) === way).map(([path]) => path),
  ) as [string[], string[]];
  const including = kept.length > 0 || computed.length > 0 || (cut.length === 0 && Boolean(id));
  if (including && cut.length > 0)
    throw new CommandError(31254, `Cannot do exclusion on field ${cut[0]} in inclusion projection`);
  if (!including) {
    const tree = treeOf([...cut, ...(id === undefined || id ? [] : ['_id'])]);
    return { keep: (doc) => exclude(doc, tree) as Doc };
  }
  const withoutId = (id !== undefined && !id) || computed.some(([path]) => path === '_id');
  const tree = treeOf([...(withoutId ? [] : ['_id']), ...kept]);
  const keep = (doc: unknown) => include(doc, tree) as Doc;
  return computed.length > 0 ? { keep, computed: Object.fromEntries(computed) } : { keep };
}

/** Paths and what is asked of them; a document that is not an expression means its fields. */
function leavesOf(spec: unknown, prefix = ''): [string, unknown][] {
  return Object.entries(isPlain(spec) ? spec : {}).flatMap(([name, value]) => {
    const isNested = isPlain(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith('$');
    return isNested ? leavesOf(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as [string, unknown]];
  });
}

function isFlag(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function treeOf(paths: string[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let node = root;
    for (const step of steps) {
      const known = node.get(step);
      if (known === true) throw new CommandError(31249, `Path collision at ${path}`);
      const next: Tree = known ?? new Map();
      node.set(step, next);
      node = next;
    }
    if (node.has(last)) throw new CommandError(31250, `Path collision at ${path}`);
    node.set(last, true);
  }
  return root;
}

function include(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => isPlain(item) || Array.isArray(item)).map((item) => include(item, tree));
  }
  if (!isPlain(value)) return undefined;
  const kept: Doc = {};
  for (const [name, item] of Object.entries(value)) {
    const node = tree.get(name);
    if (node === true) kept[name] = item;
    else if (node) {
      const inner = include(item, node);
      if (inner !== undefined) kept[name] = inner;
    }
  }
  return kept;
}

function exclude(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => exclude(item, tree));
  if (!isPlain(value)) return value;
  const kept: Doc = {};
  for (const [name, item] of Object.entries(value)) {
    const node = tree.get(name);
    if (node !== true) kept[name] = node ? exclude(item, node) : item;
  }
  return kept;
}
