import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseProcfile } from '../../scripts/servers/procfile.ts';
import { root } from '../support/sources.ts';

interface Service {
  command?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
}

describe('the compose file', () => {
  test('runs the processes of the Procfile, by the same names and commands', async () => {
    const entries = parseProcfile(await readFile(join(root, 'Procfile'), 'utf8'));
    const wanted = Object.fromEntries(entries.map(({ name, command }) => [name, command.join(' ')]));
    const services = Object.entries(await readServices());
    const ours = services.filter(([, { command = '' }]) => command.startsWith('node dist/'));
    expect(Object.fromEntries(ours.map(([name, { command }]) => [name, command]))).toEqual(wanted);
  });

  test('starts nothing before the indexes are there, and never evicts a job', async () => {
    const { api, redis, release } = await readServices();
    expect(api?.depends_on?.['release']?.condition).toBe('service_completed_successfully');
    expect(release?.depends_on).not.toHaveProperty('release');
    expect(redis?.command).toContain('--maxmemory-policy noeviction');
  });
});

async function readServices(): Promise<Record<string, Service>> {
  const text = await readFile(join(root, 'compose.yaml'), 'utf8');
  return parse(text, { merge: true }).services;
}
