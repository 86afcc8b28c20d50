import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runScript } from '../support/script.ts';
import { root } from '../support/sources.ts';

// Each call starts a process, which takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 300_000 });
const folder = join(root, 'scripts');
const shared = 'source "$(dirname "$0")/command-line/run.sh"';
const names: string[] = [];
for (const name of await readdir(folder)) {
  if (name.includes('.') || (await stat(join(folder, name))).isDirectory()) continue;
  if ((await readFile(join(folder, name), 'utf8')).includes(shared)) names.push(name);
}

describe.concurrent('every script', () => {
  test('is one of these', () => {
    expect(names.sort()).toEqual([
      ...['bulk-update', 'doctor', 'export-orders', 'import-orders', 'migrate-workflow', 'new-product'],
      ...[
        'preview-mails',
        'rebuild-analytics',
        'replay',
        'sites-simulator',
        'staff',
        'sync-indexes',
        'vendor-simulator',
        'verify-audit',
      ],
    ]);
  });

  test.each(names)('%s shows examples first, exit codes last, and a variable for each flag', async (name) => {
    const { code, stdout, stderr } = await runScript(name, ['--help'], { cwd: '/', home: root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Examples:\n {2}\S/);
    expect(stdout).toMatch(/ 75 {2}a server is unavailable.*\n +130 .*\n$/);
    expect(stdout).toMatch(new RegExp(`env:\\s+${name.toUpperCase().replaceAll('-', '_')}_QUIET\\)`));
  });

  test.each(names)('%s leaves with 2 when it is asked wrongly, and says what it takes', async (name) => {
    const { code, stdout, stderr } = await runScript(name, ['--qiet'], { home: root });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/Did you mean --quiet\?|is not set|missing required|required option/);
    expect(stderr).toContain(`${name} --help`);
  });
});
