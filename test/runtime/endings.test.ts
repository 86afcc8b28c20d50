/** However the other side ends what it was asked, whoever asked hears of it in time. Real sockets, on both sides. */

import { createSocket } from 'node:dgram';
import type { lookup } from 'node:dns';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMailer, type Mail } from '../../mail/send.ts';
import { createDns, lookupThrough, NoDnsAnswer } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { good } from '../support/certificates.ts';
import { drips, endings, head, type Manner, resets, says } from '../support/endings.ts';

const timeouts = { connect: 300, answer: 250, total: 400 };
/** What a loaded machine adds to a limit. */
const slack = 3_000;

let manner: Manner = () => undefined;
const sockets = new Set<Socket>();
const servers: Server[] = [];
let plain: number;
let secure: number;
let raw: number;
const deaf = createSocket('udp4');

beforeAll(async () => {
  const serve = (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      if (asked.includes('\r\n\r\n')) manner(socket, asked);
    });
  };
  plain = await listen(createServer(serve));
  secure = await listen(createTlsServer(good, serve));
  raw = await listen(
    createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      manner(socket, '');
    }),
  );
  await new Promise<void>((done) => deaf.bind(0, '127.0.0.1', done));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  deaf.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** How it ended, or `hangs`. */
async function endOf(asked: Promise<unknown>, within: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), within + slack);
  });
  const end = asked.then(
    () => 'answers',
    (error: Error) => error.name,
  );
  try {
    return await Promise.race([end, late]);
  } finally {
    clearTimeout(timer);
  }
}

describe.each(['http', 'https'])('over %s', (scheme) => {
  const guard = () => httpGuard({ allow: [`http://127.0.0.1:${plain}`, `https://127.0.0.1:${secure}`], timeouts });
  const url = () => (scheme === 'http' ? `http://127.0.0.1:${plain}/` : `https://127.0.0.1:${secure}/`);
  const trusting = () =>
    httpGuard({ allow: [`https://localhost:${secure}`, `http://localhost:${plain}`], timeouts, ca: good.cert });
  const here = () => url().replace('127.0.0.1', 'localhost');

  test.each(endings)('a page, a call and a webhook settle on %s', async (_, how) => {
    manner = how;
    const signal = AbortSignal.timeout(60_000);
    const asked = [
      trusting().page(here(), signal),
      trusting().call({ method: 'GET', url: here(), headers: {} }, signal),
      trusting().call({ method: 'POST', url: here(), headers: { 'webhook-id': '1' }, body: '{}' }, signal),
    ];
    for (const end of await Promise.all(asked.map((one) => endOf(one, timeouts.total)))) {
      expect(end).toMatch(/^(answers|NoAnswer)$/);
    }
  });

  test('a call whose caller has gone ends with the caller', async () => {
    manner = () => undefined;
    const leaving = new AbortController();
    const asked = guard().call({ method: 'GET', url: url(), headers: {} }, leaving.signal);
    leaving.abort();
    expect(await endOf(asked, 0)).toBe('NoAnswer');
  });
});

describe('a handshake', () => {
  const hello = Buffer.from('160303004a', 'hex').toString('latin1');
  test.each<[string, Manner]>([
    ['a reset', resets],
    ['a half-close', (socket) => socket.end()],
    ['silence', () => undefined],
    ['a drip of what looks like TLS', drips(hello, 'x')],
    ['plain HTTP', says('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('settles on %s, for a certificate and for a page', async (_, how) => {
    manner = how;
    const guard = httpGuard({ allow: [`https://localhost:${raw}`], timeouts });
    const asked = [guard.certificate(`localhost:${raw}`), guard.page(`https://localhost:${raw}/`)];
    for (const end of await Promise.all(asked.map((one) => endOf(one, timeouts.connect)))) {
      expect(end).toMatch(/^(NoAnswer|BadCertificate)$/);
    }
  });

  test('for a certificate ends with its caller', async () => {
    manner = () => undefined;
    const leaving = new AbortController();
    const asked = httpGuard({ allow: [`https://localhost:${raw}`] }).certificate(`localhost:${raw}`, leaving.signal);
    leaving.abort();
    expect(await endOf(asked, 0)).toBe('NoAnswer');
  });
});

describe('a name that is never resolved', () => {
  const never = (() => undefined) as unknown as typeof lookup;

  test('ends a page, a call and a certificate', async () => {
    const guard = httpGuard({ resolve: never, timeouts });
    const asked = [
      guard.page('https://vendor.example/'),
      guard.call({ method: 'GET', url: 'https://vendor.example/', headers: {} }),
      guard.certificate('vendor.example'),
    ];
    for (const end of await Promise.all(asked.map((one) => endOf(one, timeouts.connect)))) {
      expect(end).toBe('NoAnswer');
    }
  });

  test('ends every question to the domain name system', async () => {
    const servers = Array.from({ length: 3 }, () => `127.0.0.1:${deaf.address().port}`);
    const dns = createDns({ servers, timeout: 200, tries: 2 });
    const asked = [dns.resolveTxt('a.example'), dns.resolveCname('a.example'), dns.resolveAddresses('a.example')];
    for (const end of await Promise.all(asked.map((one) => endOf(one, 800)))) expect(end).toBe(NoDnsAnswer.name);
  });

  test('keeps no thread that others need', async () => {
    const dns = createDns({ servers: [`127.0.0.1:${deaf.address().port}`], timeout: 2_000, tries: 1 });
    const asked = Array.from({ length: 20 }, () =>
      endOf(
        new Promise((_, reject) => {
          lookupThrough(dns)('a.example', {}, (error) => reject(error));
        }),
        4_000,
      ),
    );
    const others = httpGuard({ allow: [`http://localhost:${plain}`], timeouts });
    manner = says(`${head}content-length: 2\r\n\r\nok`);
    expect(await endOf(others.call({ method: 'GET', url: `http://localhost:${plain}/`, headers: {} }), 0)).toBe(
      'answers',
    );
    expect(new Set(await Promise.all(asked))).toEqual(new Set([NoDnsAnswer.name]));
  });
});

describe('a mail', () => {
  const mail: Mail = {
    from: { name: 'North', email: 'hello@north.example' },
    to: { name: 'Ann', email: 'ann@client.example' },
    messageId: '<1@north.example>',
    ...{ subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' },
  };
  /** Answers each line of the client until the word, and then does as it is told. */
  const until =
    (word: string, then: Manner): Manner =>
    (socket) => {
      socket.write('220 here\r\n');
      let isData = false;
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        if (isData ? text.includes('\r\n.\r\n') && word === '.' : text.startsWith(word)) return then(socket, text);
        if (isData) return undefined;
        isData = text.startsWith('DATA');
        return void socket.write(isData ? '354 go on\r\n' : '250 yes\r\n');
      });
    };

  const steps: [string, (then: Manner) => Manner, string][] = [
    ['at the greeting', (then) => then, 'deferred'],
    ['at EHLO', (then) => until('EHLO', then), 'deferred'],
    ['at MAIL', (then) => until('MAIL', then), 'deferred'],
    ['at RCPT', (then) => until('RCPT', then), 'deferred'],
    ['at DATA', (then) => until('DATA', then), 'deferred'],
    ['after the message', (then) => until('.', then), 'unknown'],
  ];
  const manners: [string, Manner][] = [
    ['a reset', resets],
    ['a half-close', (socket) => void socket.end()],
    ['silence', () => undefined],
    ['lines without end', drips('', '250-more\r\n')],
    ['a line without end', drips('250-', 'x')],
  ];
  const cases = steps.flatMap(([at, step, status]) =>
    manners.map(([what, how]) => [what, at, step(how), status] as const),
  );

  test.each(cases)('settles on %s %s', async (_what, _at, how, status) => {
    manner = how;
    const mailer = createMailer({
      url: `smtp://127.0.0.1:${raw}`,
      timeouts: { connection: 250, greeting: 200, socket: 200, total: 350 },
    });
    const delivered = mailer.deliver(mail, AbortSignal.timeout(60_000));
    expect(await endOf(delivered, 350)).toBe('answers');
    expect((await delivered).status).toBe(status);
    mailer.close();
  });
});
