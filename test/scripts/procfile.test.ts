import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseProcfile } from '../../scripts/servers/procfile.ts';
import { root } from '../support/sources.ts';

describe('a Procfile', () => {
  test('is read line by line, past blank lines and comments', () => {
    expect(
      parseProcfile('# what runs\n\nsetup: node dist/workers/main.js setup bulk\napi:  node dist/api/main.js\n'),
    ).toEqual([
      { name: 'setup', command: ['node', 'dist/workers/main.js', 'setup', 'bulk'] },
      { name: 'api', command: ['node', 'dist/api/main.js'] },
    ]);
  });

  test('of ours runs every process by itself, and names each worker as its queue', async () => {
    const entries = parseProcfile(await readFile(join(root, 'Procfile'), 'utf8'));
    const workers = entries.filter(({ command }) => command[1] === 'dist/workers/main.js');
    expect(workers.length).toBeGreaterThan(2);
    expect(workers.map(({ command }) => command.slice(2))).toEqual(workers.map(({ name }) => [name]));
  });
});
