import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFaults, findUnused } from './support/doors.ts';
import { readSources, root } from './support/sources.ts';

describe('the house', () => {
  test('keeps its doors, headers, names and sizes', async () => {
    const sources = await readSources();
    expect(sources.length).toBeGreaterThan(10);
    expect(findFaults(sources)).toEqual([]);
  });

  test('pins every dependency exactly', async () => {
    const versions = Object.values(await dependencies());
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('has no dependency that nothing imports', async () => {
    expect(findUnused(Object.keys(await dependencies()), await readSources())).toEqual([]);
  });

  test('gives a reason in ARCHITECTURE.md for every dependency, and for no other', async () => {
    const page = await readFile(join(root, 'ARCHITECTURE.md'), 'utf8');
    const table = page.slice(page.indexOf('## Dependencies'));
    const given = [...table.matchAll(/^\| `([^`]+)` \| \S.*\|$/gm)].map((match) => match[1]);
    expect(given.sort()).toEqual(Object.keys(await dependencies()).sort());
  });
});

describe('the checker', () => {
  const header = '/** What this is for. */\n';

  test.each([
    ['a closed door', 'workflows/a.ts', "import { b } from '../workers/b.ts';", 'may not import workers/b.ts'],
    ['a door closed to types too', 'api/a.ts', "import type { B } from '../mail/b.ts';", 'may not import mail/b.ts'],
    [
      'an import over several lines',
      'kernel/a.ts',
      "import {\n  b,\n} from '../queues/b.ts';",
      'may not import queues',
    ],
    ['a re-export', 'models/a.ts', "export { b } from '../queues/b.ts';", 'may not import queues/b.ts'],
    ['a dynamic import', 'mail/a.ts', "const b = await import('../api/b.ts');", 'may not import api/b.ts'],
    ['test code in a script', 'scripts/a.ts', "import { b } from '../test/support/b.ts';", 'may not import test'],
    ['a room nobody declared', 'cellar/a.ts', "import { b } from '../kernel/b.ts';", 'may not import kernel/b.ts'],
    ['the environment', 'api/a.ts', "const port = process.env['PORT'];", 'may not use process.env'],
    ['a clock read in a rule', 'workflows/a.ts', 'const now = new Date();', 'may not use the system clock'],
    ['the check of URLs that turns', 'runtime/a.ts', 'if (URL.canParse(text)) go();', 'may not use URL.canParse'],
    ['a timer that nobody ends', 'runtime/a.ts', 'AbortSignal.timeout(1);', 'may not use AbortSignal.timeout'],
    ['bullmq in a route', 'api/routes/a.ts', "import { Queue } from 'bullmq';", 'may not use bullmq'],
    ['mongoose in a worker', 'workers/a.ts', "import mongoose from 'mongoose';", 'may not use mongoose'],
    ['a Fastify plugin in a model', 'models/a.ts', "import form from '@fastify/formbody';", 'may not use fastify'],
    ['a default export', 'kernel/a.ts', 'export default 1;', 'has a default export'],
    ['a shapeless name', 'kernel/utils.ts', '', 'has a name that says nothing'],
    ['a file that goes on', 'kernel/a.ts', 'export {};\n'.repeat(300), 'is longer than 300 lines'],
  ])('tells of %s', (_, path, text, fault) => {
    expect(findFaults([{ path, text: header + text }])).toEqual([expect.stringContaining(fault)]);
  });

  test('tells of a file without a header', () => {
    expect(findFaults([{ path: 'kernel/a.ts', text: 'export {};' }])).toEqual([
      'kernel/a.ts does not say what it is for.',
    ]);
  });

  test('tells of a cycle once', () => {
    const imports = (name: string) => `${header}import type { X } from './${name}.ts';`;
    const files = [
      { path: 'kernel/a.ts', text: imports('b') },
      { path: 'kernel/b.ts', text: imports('c') },
      { path: 'kernel/c.ts', text: imports('a') },
    ];
    expect(findFaults(files)).toEqual([
      'These import each other: kernel/a.ts → kernel/b.ts → kernel/c.ts → kernel/a.ts.',
    ]);
  });

  test('tells of a package that is only spoken of, or whose name begins like another', () => {
    const text = `${header}// import('csv-parse')\nimport { x } from 'csv-parser';\nimport '@a/b/c';\nawait import('d');\n`;
    const packages = ['csv-parse', 'csv-parser', '@a/b', '@a/c', 'd', '@types/d', '@types/e', 'typescript'];
    expect(findUnused(packages, [{ path: 'api/a.ts', text }])).toEqual(['csv-parse', '@a/c', '@types/e']);
  });

  test('lets comments speak of what code may not use', () => {
    const text = `${header}// The only reader of process.env is runtime/config.ts.\nexport {};\n`;
    expect(findFaults([{ path: 'api/a.ts', text }])).toEqual([]);
  });
});

async function dependencies(): Promise<Record<string, string>> {
  const read = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8'));
  const [whole, embedded] = [await read('package.json'), await read('embedded/package.json')];
  return { ...whole.dependencies, ...whole.devDependencies, ...embedded.dependencies };
}
