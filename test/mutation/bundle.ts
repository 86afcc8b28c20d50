/** All tests of the rules as one script, which is evaluated as often as the modules in it have to be loaded anew. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import * as collected from './collected.ts';

/** The cases of one file each; what several files import is loaded once. */
export type Loaded = { file: string; cases: () => collected.Case[] }[];

/** A bundle has no place of its own: the paths that tests make from theirs are written in. */
const inPlace: Plugin = {
  name: 'in-place',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^vitest$/ }, () => ({ path: 'collected', external: true }));
    onLoad({ filter: /\/test\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
      loader: 'ts',
    }));
  },
};

/** What loads `files` with all their modules, as if for the first time. */
export async function bundle(files: readonly string[]): Promise<() => Loaded> {
  const loaders = files.map((path) => `() => require(${JSON.stringify(`./${path}`)})`);
  const { outputFiles, metafile } = await build({
    stdin: { contents: `module.exports = [${loaders.join()}];`, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
    plugins: [inPlace],
  });
  const script = new Script(`(module, require) => {${outputFiles[0]?.text}\n}`, { filename: 'bundle.cjs' });
  const evaluate: (module: { exports: unknown }, require: (name: string) => unknown) => void =
    script.runInThisContext();
  const packages = await loaded(Object.values(metafile.outputs).flatMap(({ imports }) => imports));
  return () => {
    const module = { exports: [] as (() => void)[] };
    evaluate(module, (name) => packages.get(name));
    return module.exports.map((loader, index) => ({
      file: files[index] ?? '',
      cases: () => collected.collect(loader),
    }));
  };
}

/** What the bundle requires of others. A package that is for `import` alone hands out its default, as `require` would. */
async function loaded(imports: readonly { path: string }[]): Promise<Map<string, unknown>> {
  const load = createRequire(join(process.cwd(), 'package.json'));
  const packages = new Map<string, unknown>([['collected', collected]]);
  for (const { path } of imports) {
    if (packages.has(path)) continue;
    const isForImport = path === 'canonicalize';
    packages.set(path, isForImport ? (await import(path)).default : load(path));
  }
  return packages;
}
