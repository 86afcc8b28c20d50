/** The comparison of the planner with a full scan can go red: each of its guards, taken out, is noticed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('the planner is caught whichever of its guards is taken out', { timeout: 300_000 }, async () => {
  const fuzz = ['--import', 'tsx', 'test/embedded/fuzz/main.ts', '--plant', '--seed', '11', '--queries', '5000'];
  const { stdout } = await run(process.execPath, fuzz);
  expect(stdout).toMatch(/caught/);
  expect(stdout).not.toMatch(/MISSED/);
});
