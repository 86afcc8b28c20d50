import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig, variableNames } from '../../runtime/config.ts';
import { root } from '../support/sources.ts';

const needed = { MONGODB_URI: 'mongodb://db/orders', REDIS_URL: 'redis://cache', LINK_SECRET: 'x'.repeat(32) };
const trusting = (text: string) => readConfig({ ...needed, TRUST_PROXY: text }).trustProxy;

describe('TRUST_PROXY', () => {
  test('is nobody, unless somebody is named', () => {
    expect(readConfig(needed).trustProxy).toEqual([]);
  });

  test('is a number of hops or a list of addresses', () => {
    expect(trusting('1')).toBe(1);
    expect(trusting('10.0.0.0/8, ::1,loopback')).toEqual(['10.0.0.0/8', '::1', 'loopback']);
  });

  test.each(['true', '*', '11', '-1', 'proxy.example', '10.0.0.1;10.0.0.2', '10.0.0.0/33', '::/129', '1.1.1.1/'])(
    'is not %s',
    (text) => {
      expect(() => trusting(text)).toThrow(/TRUST_PROXY must be a number of hops/);
    },
  );
});

describe('OUTSIDE_STANDIN', () => {
  const standin = 'http://127.0.0.1:4998';

  test('is nothing, unless an address of this machine is named', () => {
    expect(readConfig(needed).outsideStandin).toBeUndefined();
    expect(readConfig({ ...needed, OUTSIDE_STANDIN: standin }).outsideStandin).toBe(standin);
    expect(() => readConfig({ ...needed, OUTSIDE_STANDIN: 'http://10.0.0.1:80' })).toThrow(/OUTSIDE_STANDIN must be/);
  });

  test('is refused in production', () => {
    const production = { ...needed, NODE_ENV: 'production', OUTSIDE_STANDIN: standin };
    expect(() => readConfig(production)).toThrow(/OUTSIDE_STANDIN is for trials only/);
  });
});

test('DNS_SERVERS are addresses, with or without a port', () => {
  const servers = (text: string) => readConfig({ ...needed, DNS_SERVERS: text }).dnsServers;
  expect(servers('10.0.0.2,127.0.0.1:5353,::1,[::1]:53')).toEqual(['10.0.0.2', '127.0.0.1:5353', '::1', '[::1]:53']);
  for (const wrong of ['dns.example', '10.0.0.2:', '10.0.0']) expect(() => servers(wrong)).toThrow(/DNS_SERVERS/);
});

test('README.md has every variable, and no other, in one table', async () => {
  const page = await readFile(join(root, 'README.md'), 'utf8');
  const table = page.slice(page.indexOf('### Variables'), page.indexOf('## Scripts'));
  const rows = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names = '']) => names.match(/[A-Z_]+/g) ?? []);
  expect(rows.sort()).toEqual([...variableNames].sort());
});

describe('whatever is wrong, the variable is named, with what would pass', () => {
  test.each([
    ['NODE_ENV', 'prod'],
    ['MONGODB_URI', 'mongodb://'],
    ['MONGODB_URI', 'mongodb://user:p@ss@db/orders'],
    ['MONGODB_URI', 'postgres://db'],
    ['REDIS_URL', 'redis://'],
    ['REDIS_URL', 'redis://host:port'],
    ['REDIS_URL', 'cache:6379'],
    ['PORT', '70000'],
    ['HEALTH_PORT', 'none'],
    ['PUBLIC_URL', 'ftp://orders.example.com'],
    ['PUBLIC_URL', 'https://orders.example.com/?a=1'],
    ['PUBLIC_URL', 'orders.example.com'],
    ['SMTP_URL', 'smtp://'],
    ['SMTP_URL', 'mail.example.com'],
    ['LINK_SECRET', 'short'],
    ['OUTSIDE_ALLOW', 'everybody'],
    ['DNS_SERVERS', 'dns.example'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s', (variable, value) => {
    expect(() => readConfig({ ...needed, [variable]: value })).toThrow(new RegExp(`^ {2}${variable} must `, 'm'));
  });

  test('and what is set to nothing is not set', () => {
    const empty = { PORT: '', HEALTH_PORT: '', PUBLIC_URL: '', OUTSIDE_STANDIN: '', LOG_LEVEL: '', TRUST_PROXY: '' };
    const usual = readConfig(needed);
    expect(readConfig({ ...needed, ...empty })).toEqual(usual);
    expect(() => readConfig({ ...needed, LINK_SECRET: '' })).toThrow('LINK_SECRET is not set');
  });
});
