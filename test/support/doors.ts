/**
 * Checks what the house promises about its own source: doors between rooms, who may use what, headers, names, sizes.
 * It reads text, not syntax trees: enough for code that the formatter has been over, and it needs no dependency.
 */
import { dirname, join } from 'node:path/posix';

export interface SourceFile {
  path: string;
  text: string;
}

/** A room may import itself and what is named here; `scripts`, `bench` and `test` are a person's hands and eyes. */
const doors: Record<string, readonly string[]> = {
  kernel: [],
  workflows: ['kernel'],
  queues: ['kernel', 'workflows'],
  models: ['kernel', 'workflows'],
  mail: ['kernel'],
  runtime: ['kernel'],
  workers: ['kernel', 'workflows', 'queues', 'models', 'mail', 'runtime'],
  api: ['kernel', 'workflows', 'queues', 'models', 'runtime'],
  client: ['kernel', 'queues'],
  embedded: [],
};
const productRooms = Object.keys(doors);
const hands = ['scripts', 'bench', 'test'];

/** What only some files may say. Scripts, benches and tests start processes and make clocks, so they are not asked. */
const reserved: { says: RegExp; what: string; within: RegExp; handsToo?: boolean }[] = [
  { says: /\bprocess\.env\b/, what: 'process.env', within: /^(runtime\/config|embedded\/main)\.ts$/ },
  { says: /\bnew Date\(\)|\bDate\.now\(\)/, what: 'the system clock', within: /^(kernel\/time\.ts$|embedded\/)/ },
  {
    says: /from 'bullmq'/,
    what: 'bullmq',
    within: /^(queues\/|workers\/machine\/(define|host)\.ts$|api\/.*board\.ts$)/,
  },
  { says: /from 'mongoose'/, what: 'mongoose', within: /^(models\/|runtime\/mongo\.ts$)/ },
  { says: /\bURL\.(canParse|parse)\b/, what: 'URL.canParse, but parseUrl', within: /^test\//, handsToo: true },
  {
    says: /\bAbortSignal\.timeout\b/,
    what: 'AbortSignal.timeout, but withDeadline',
    within: /^test\//,
    handsToo: true,
  },
  { says: /from '(@fastify\/|fastify\b)/, what: 'fastify', within: /^api\// },
];

const shapeless = /^(utils?|helpers?|common|services?|managers?|misc|lib)$/;
const tooLong = 300;

/** Every fault, as a sentence that names the file. */
export function findFaults(files: readonly SourceFile[]): string[] {
  return [...files.flatMap(faultsOf), ...cycles(files)];
}

/** Run from the command line, or loaded by another package, and so imported by no file of ours. */
const usedUnimported = [
  '@stryker-mutator/core',
  '@biomejs/biome',
  'knip',
  '@bull-board/ui',
  'mongodb-memory-server',
  'tsx',
  'typescript',
];

/** Those of the packages that no file imports; types count as imported with what they are for. */
export function findUnused(packages: readonly string[], files: readonly SourceFile[]): string[] {
  const code = files.map(({ text }) => withoutComments(text)).join('\n');
  const imported = [
    ...code.matchAll(/^(?:import|export)\b[^'";]*?from '([^'.][^']*)'/gm),
    ...code.matchAll(/^import '([^'.][^']*)'/gm),
    ...code.matchAll(/\bimport\('([^'.][^']*)'\)/g),
  ].map((match) => match[1] ?? '');
  const isImported = (name: string) =>
    imported.some((path) => path.split(/[/:]/).slice(0, name.split('/').length).join('/') === name);
  return packages.filter((name) => !usedUnimported.includes(name) && !isImported(name.replace('@types/', '')));
}

function faultsOf(file: SourceFile): string[] {
  return [...brokenDoors(file), ...reservedWords(file), ...shapeFaults(file)];
}

function brokenDoors({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  return importsOf({ path, text })
    .map((target) => [target, roomOf(target)] as const)
    .filter(([, to]) => to !== room && !mayImport(room, to))
    .map(([target]) => `${path} may not import ${target}.`);
}

function mayImport(room: string, to: string): boolean {
  if (room === 'test') return true;
  if (hands.includes(room)) return to !== 'test';
  return doors[room]?.includes(to) ?? false;
}

function reservedWords({ path, text }: SourceFile): string[] {
  const isProduct = productRooms.includes(roomOf(path));
  const code = withoutComments(text);
  return reserved
    .filter(({ says, within, handsToo }) => (isProduct || handsToo) && says.test(code) && !within.test(path))
    .map(({ what }) => `${path} may not use ${what}.`);
}

function shapeFaults({ path, text }: SourceFile): string[] {
  const faults: string[] = [];
  const isTest = path.endsWith('.test.ts');
  if (!isTest && !/^(#!.*\n)?\/\*\*/.test(text)) faults.push(`${path} does not say what it is for.`);
  if (/^export default\b/m.test(text) && path !== 'vitest.config.ts') faults.push(`${path} has a default export.`);
  if (!isTest && text.split('\n').length - 1 > tooLong) faults.push(`${path} is longer than ${tooLong} lines.`);
  if (path.split(/[/.]/).some((part) => shapeless.test(part))) faults.push(`${path} has a name that says nothing.`);
  return faults;
}

/** Cycles by depth-first search; each is told once, from the file that comes first by name. */
function cycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const found: string[] = [];

  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push(`These import each other: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}.`);
    } else if (!done.has(path)) {
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of [...graph.keys()].sort()) visit(path, []);
  return found;
}

/** Relative imports as paths from the root, dynamic ones too; anchored, so that a quoted sample is not an import. */
function importsOf({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  const found = [
    ...code.matchAll(/^(?:import|export)\b[^'";]*?from '(\.[^']+)'/gm),
    ...code.matchAll(/^import '(\.[^']+)'/gm),
    ...code.matchAll(/\bimport\('(\.[^']+)'\)/g),
  ];
  return found.map((match) => join(dirname(path), match[1] ?? ''));
}

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : 'test';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}
