/**
 * What a new gate touches: the compiler is asked, over a copy of the sources in which the union of gates has one more
 * name. What it doesn't name has no need to know which gates there are.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { templates } from '../mail/render.ts';
import { gates } from '../workflows/gates/index.ts';

const root = join(import.meta.dirname, '..');
const rooms = ['kernel', 'workflows', 'queues', 'models', 'mail', 'runtime', 'workers', 'api', 'client', 'scripts'];
let copy: string | undefined;

afterAll(async () => {
  if (copy) await rm(copy, { recursive: true, force: true });
});

test('a gate that is new is asked for by the compiler in the list of gates and in the demo, and nowhere else', async () => {
  copy = await copyOfSources();
  const state = join(copy, 'workflows/words/state.ts');
  const before = await readFile(state, 'utf8');
  const after = before.replace(/(export type GateKind = [^;]+)/, "$1 | 'payment'");
  expect(after).not.toBe(before);
  await writeFile(state, after);
  expect(await filesNamedByTheCompiler(copy)).toEqual(['scripts/trial/work.ts', 'workflows/gates/index.ts']);
});

test('every gate that has its client reminded has a letter for it', () => {
  const about = Object.values(gates).flatMap(({ ladders = {} }) =>
    Object.entries(ladders).flatMap(([reason, rungs]) => (rungs.some(({ to }) => to === 'client') ? [reason] : [])),
  );
  expect(about).toContain('form');
  expect(Object.keys(templates)).toEqual(expect.arrayContaining(about.map((reason) => `reminder-${reason}`)));
});

async function copyOfSources(): Promise<string> {
  await mkdir(join(root, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, '.cache/new-gate-'));
  for (const room of [...rooms, 'embedded']) await cp(join(root, room), join(folder, room), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  const settings = { extends: '../../tsconfig.json', compilerOptions: { incremental: false, tsBuildInfoFile: null } };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, include: ['**/*.ts'], exclude: [] }));
  return folder;
}

function filesNamedByTheCompiler(folder: string): Promise<string[]> {
  const tsc = join(root, 'node_modules/.bin/tsc');
  return new Promise((resolve) => {
    execFile(tsc, ['-p', folder, '--pretty', 'false'], { cwd: folder }, (_, stdout) => {
      const names = stdout.split('\n').flatMap((line) => /^(\S+?)\(\d+,\d+\): error/.exec(line)?.[1] ?? []);
      resolve([...new Set(names)].sort());
    });
  });
}
