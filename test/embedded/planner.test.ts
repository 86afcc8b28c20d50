import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const fuzz = (...args: string[]) => run(process.execPath, ['--import', 'tsx', 'test/embedded/fuzz/main.ts', ...args]);

describe('the planner', () => {
  test.each([7, 1234])('answers as a full scan does, seed %i', { timeout: 120_000 }, async (seed) => {
    const { stdout } = await fuzz('--seed', String(seed), '--queries', '900');
    expect(stdout).toMatch(/queries agree/);
  });
});
