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

  test('is caught whichever of its guards is taken out', { timeout: 300_000 }, async () => {
    const { stdout } = await fuzz('--plant', '--seed', '11', '--queries', '5000');
    expect(stdout).toMatch(/caught/);
    expect(stdout).not.toMatch(/MISSED/);
  });
});
