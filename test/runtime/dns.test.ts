import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDns, type Dns, NoDnsAnswer } from '../../runtime/dns.ts';
import { type NameServer, startNames } from '../support/names.ts';

let server: NameServer;
let dns: Dns;

beforeAll(async () => {
  server = await startNames();
  dns = createDns({ servers: [server.address], timeout: 200, tries: 1 });
});
afterAll(() => server.close());

test('a text comes whole, though it travels in pieces', async () => {
  const long = `v=${'x'.repeat(400)}`;
  server.records.set('TXT example.com', ['token-1', long]);
  expect(await dns.resolveTxt('example.com')).toEqual(['token-1', long]);
});

test('a name stands for another in small letters, without its last dot', async () => {
  server.records.set('CNAME www.example.com', ['Sites.Example.NET']);
  expect(await dns.resolveCname('www.example.com')).toEqual(['sites.example.net']);
});

test('addresses of both kinds are found', async () => {
  server.records.set('A example.com', ['93.184.215.14']);
  expect(await dns.resolveAddresses('example.com')).toEqual(['93.184.215.14']);
});

test('that there is no such record is an answer', async () => {
  expect(await dns.resolveTxt('nothing.example')).toEqual([]);
});

test.each(['fail', 'silent'] as const)('a server that is told to %s gives no answer', async (how) => {
  server.records.set('TXT broken.example', how);
  await expect(dns.resolveTxt('broken.example')).rejects.toThrow(NoDnsAnswer);
});
