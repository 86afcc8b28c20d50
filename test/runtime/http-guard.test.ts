import type { lookup } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isPublic } from '../../runtime/addresses.ts';
import { httpGuard, publicLookup } from '../../runtime/http-guard.ts';
import { AddressRefused, NoAnswer } from '../../runtime/no-answer.ts';

let reached: { method?: string | undefined; url?: string | undefined }[] = [];
let answer: RequestListener = (_request, response) => response.end('ok');
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push({ method: request.method, url: request.url });
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  reached = [];
  answer = (_request, response) => response.end('ok');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (url: string) => ({ method: 'GET' as const, url, headers: {} });
const resolver = (...addresses: string[]) =>
  ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

const allowed = (options = {}) => httpGuard({ allow: [`http://127.0.0.1:${port}`], ...options });
const here = (path = '/') => `http://127.0.0.1:${port}${path}`;

describe('a call to the outside', () => {
  test.each([
    ['http', 'http://example.com/'],
    ['another scheme', 'file:///etc/passwd'],
    ['another port', 'https://example.com:6379/'],
    ['the loopback address', 'https://127.0.0.1/'],
    ['a number', 'https://2130706433/'],
    ['hexadecimal parts', 'https://0x7f.1/'],
    ['octal parts', 'https://0177.0.0.1/'],
    ['nothing but zero', 'https://0/'],
    ['a short form', 'https://127.1/'],
    ['a mapped address', 'https://[::ffff:127.0.0.1]/'],
    ['the IPv6 loopback', 'https://[::1]/'],
    ['a unique local address', 'https://[fd00::1]/'],
    ['a NAT64 address', 'https://[64:ff9b::7f00:1]/'],
    ['a public literal', 'https://93.184.215.14/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['localhost', 'https://localhost/'],
    ['localhost with a dot', 'https://localhost./'],
    ['a name below localhost', 'https://a.localhost/'],
    ['a literal with a dot', 'https://127.0.0.1./'],
    ['an internal name', 'https://metadata.google.internal/'],
    ['credentials', 'https://user:secret@example.com/'],
    ['a user that looks like a host', 'https://example.com@127.0.0.1/'],
    ['a line break', 'https://example.com/\r\nHost: inner'],
    ['a backslash', 'https://example.com\\@127.0.0.1/'],
    ['a full-width digit', 'https://127.0.0.１/'],
    ['no URL at all', 'example.com'],
  ])('refuses %s before anything is looked up', async (_, url) => {
    const resolve = (() => {
      throw new Error('looked up');
    }) as unknown as typeof lookup;
    await expect(httpGuard({ resolve }).call(get(url))).rejects.toThrow(AddressRefused);
  });

  test.each([
    ['loopback', ['127.0.0.1']],
    ['a private network', ['10.1.2.3']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['NAT64', ['64:ff9b::a00:1']],
    ['6to4', ['2002:7f00:1::']],
    ['a public and a private address', ['93.184.215.14', '169.254.169.254']],
  ])('is not made when the name leads to %s', async (_, addresses) => {
    const guard = httpGuard({ ports: [port], resolve: resolver(...addresses) });
    await expect(guard.call(get(`https://vendor.example:${port}/`))).rejects.toThrow(AddressRefused);
    expect(reached).toEqual([]);
  });

  test('looks the name up each time: public at first and private later is refused later', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    const resolve = ((...args: Parameters<ReturnType<typeof resolver>>) =>
      resolver(...(answers.shift() ?? []))(...args)) as unknown as typeof lookup;
    const look = () =>
      new Promise((done) => {
        publicLookup(resolve)('vendor.example', { all: true }, (error, found) => done(error ?? found));
      });
    expect(await look()).toEqual([{ address: '93.184.215.14', family: 4 }]);
    expect(await look()).toBeInstanceOf(AddressRefused);
  });

  test('reaches an origin that was let through by name, and no other port beside it', async () => {
    expect(await allowed().call(get(here('/a')))).toMatchObject({ status: 200, body: 'ok' });
    await expect(allowed().call(get('http://127.0.0.1:1/'))).rejects.toThrow(AddressRefused);
  });

  test('does not follow a redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: here('/inner') }).end();
    expect(await allowed().call(get(here('/a')))).toMatchObject({ status: 302 });
    expect(reached).toEqual([{ method: 'GET', url: '/a' }]);
  });

  test('ignores a proxy of the environment', async () => {
    const proxy = {
      HTTP_PROXY: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
      ALL_PROXY: 'http://127.0.0.1:1',
    };
    onTestFinished(() => {
      for (const name of Object.keys(proxy)) delete process.env[name];
    });
    Object.assign(process.env, proxy);
    expect(await allowed().call(get(here()))).toMatchObject({ status: 200 });
  });

  test('takes no more than 64 KB', async () => {
    answer = (_request, response) => response.end('x'.repeat(64 * 1024));
    expect((await allowed().call(get(here()))).body).toHaveLength(64 * 1024);
    answer = (_request, response) => response.end('x'.repeat(2_000_000));
    await expect(allowed().call(get(here()))).rejects.toThrow('larger than 65536');
  });

  test('gives up on an answer that does not begin, or does not end; the call may have been seen', async () => {
    const timeouts = { connect: 200, answer: 200, total: 400 };
    answer = () => undefined;
    await expect(allowed({ timeouts }).call(get(here()))).rejects.toMatchObject({ name: 'NoAnswer', sent: true });
    answer = (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(drip));
    };
    await expect(allowed({ timeouts }).call(get(here()))).rejects.toMatchObject({ name: 'NoAnswer', sent: true });
  });

  test('knows that a call to a closed port was not seen by anybody', async () => {
    const closed = await closedPort();
    const guard = httpGuard({ allow: [`http://127.0.0.1:${closed}`] });
    const error = await guard.call(get(`http://127.0.0.1:${closed}/`)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NoAnswer);
    expect(error.sent).toBe(false);
  });
});

test.each([
  ['93.184.215.14', true],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', true],
  ['100.64.0.1', false],
  ['172.31.255.255', false],
  ['198.19.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::127.0.0.1', false],
  ['::ffff:93.184.215.14', false],
  ['fe80::1', false],
  ['fec0::1', false],
  ['ff02::1', false],
  ['64:ff9b:1::1', false],
  ['2001::1', false],
  ['2001:db8::1', false],
  ['not an address', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

async function closedPort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.once('listening', done));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return free;
}
