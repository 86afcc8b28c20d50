/** The short form of `npm run attack`: the real processes stay well, whatever is sent to them. And what it says of itself. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/sources.ts';
import { runAttacks } from './run.ts';

/** No limit of ours, which `npm run attack` measures by on a quiet machine: a process that stands does so for longer. */
const stands = 8_000;

test('an attack leaves no fault and no dead letter, and every process alive', { timeout: 400_000 }, async () => {
  const { played, figures } = await runAttacks({ seed: 1, isShort: true, items: [] });
  expect(played.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  expect(new Set(played.map(({ item }) => item))).toEqual(new Set([1, 2, 5, 6, 7, 8, 9]));
  for (const { requests, name } of played) expect(requests, name).toBeGreaterThan(0);
  expect(figures).toMatchObject({ faults: 0, deadLetters: 0 });
  expect(figures.slowestHealth).toBeLessThan(stands);
});

const attack = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const main = join(root, 'test/attack/main.ts');
    execFile(process.execPath, ['--import', 'tsx', main, ...args], { cwd: root }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });

test.each([
  [['--item', '77'], '--item must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, not "77".'],
  [['--seed', 'x'], '--seed must be a whole number of at most nine digits, not "x".'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('the arguments %j are refused before anything is started', async (args, why) => {
  const { code, err } = await attack(...args);
  expect(code).toBe(2);
  expect(err).toContain(why);
});

test('it tells its options, its items and its exit codes', async () => {
  const { code, out } = await attack('--help');
  expect(code).toBe(0);
  for (const word of ['--item', '--seed', '--short', '--json', 'Exit codes', 'keys of repetition']) {
    expect(out).toContain(word);
  }
});
