import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseProcfile } from '../../scripts/servers/procfile.ts';
import { root } from '../support/sources.ts';

interface Service {
  image?: string;
  ports?: string[];
  profiles?: string[];
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

  test('names every image by version and digest', async () => {
    for (const [name, { image = '' }] of Object.entries(await readServices())) {
      expect(image, name).toMatch(/^[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?@sha256:[0-9a-f]{64}$/);
    }
  });

  test('lets nobody reach the API from elsewhere but through a proxy, whom it trusts', async () => {
    const { api, proxy } = await readServices();
    expect(api?.ports).toEqual(['127.0.0.1:4000:4000']);
    expect(proxy).toMatchObject({ profiles: ['proxy'], ports: ['80:80', '443:443'] });
    expect(proxy?.command).toContain('--to api:4000');
    const given = api?.environment?.['TRUST_PROXY']?.replace(/^\$\{TRUST_PROXY:-(.*)\}$/, '$1');
    expect(given).toBe('uniquelocal');
  });
});

async function readServices(): Promise<Record<string, Service>> {
  const text = await readFile(join(root, 'compose.yaml'), 'utf8');
  return parse(text, { merge: true }).services;
}
