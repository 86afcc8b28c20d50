/** Trees of field names, and what is left of a document when only these, or all but these, are kept, in its own order. */
import { type Doc, isPlain } from './codec.ts';
import { CommandError } from './errors.ts';

export type Tree = Map<string, Tree | true>;

export function isFlag(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

export function treeOf(paths: string[]): Tree {
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

export function include(value: unknown, tree: Tree): unknown {
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

export function exclude(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => exclude(item, tree));
  if (!isPlain(value)) return value;
  const kept: Doc = {};
  for (const [name, item] of Object.entries(value)) {
    const node = tree.get(name);
    if (node !== true) kept[name] = node ? exclude(item, node) : item;
  }
  return kept;
}
