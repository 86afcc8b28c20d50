import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createMailer, type Mail } from '../../mail/send.ts';
import { startSink } from '../support/sink.ts';

const sink = await startSink();
const timeouts = { connection: 5_000, greeting: 5_000, socket: 5_000 };
const mailer = createMailer({ url: sink.url, timeouts });

afterAll(async () => {
  mailer.close();
  await sink.close();
});

beforeEach(() => {
  sink.taken.length = 0;
  sink.manners.rcpt = undefined;
  sink.manners.data = undefined;
  sink.manners.auth = false;
  sink.manners.greet = undefined;
});

const aMail = (overrides: Partial<Mail> = {}): Mail => ({
  from: { name: 'Nordlicht Digital', email: 'hello@nordlicht.example' },
  to: { name: 'Ann Example', email: 'ann@client.example' },
  messageId: '<order-3-0@nordlicht.example>',
  subject: 'Bäckerei Müller: details needed',
  text: 'Guten Tag',
  html: '<p>Guten Tag</p>',
  ...overrides,
});
const deliver = (mail: Mail, through = mailer) => through.deliver(mail, AbortSignal.timeout(10_000));

describe('a mail that is taken', () => {
  test('arrives whole, from the agency, to one mailbox', async () => {
    const delivery = await deliver(aMail({ replyTo: { name: 'Desk', email: 'desk@nordlicht.example' } }));

    expect(delivery).toMatchObject({ status: 'accepted', response: expect.stringMatching(/^250/) });
    const [taken] = sink.taken;
    expect(taken).toMatchObject({ from: 'hello@nordlicht.example', to: ['ann@client.example'] });
    expect(taken?.mail).toMatchObject({
      subject: 'Bäckerei Müller: details needed',
      messageId: '<order-3-0@nordlicht.example>',
      replyTo: { value: [{ name: 'Desk', address: 'desk@nordlicht.example' }] },
    });
    expect(taken?.mail.text?.trim()).toBe('Guten Tag');
    expect(taken?.mail.headers.get('auto-submitted')).toBe('auto-generated');
  });

  test.each([
    ['line breaks', 'Ann\r\nBcc: evil@example.com', 'Ann Bcc: evil@example.com'],
    ['another address', 'Ann <evil@example.com>, "x"', 'Ann <evil@example.com>, "x"'],
    ['other scripts', 'Σωκράτης 山田太郎 🚀', 'Σωκράτης 山田太郎 🚀'],
  ])('has one recipient, though the name holds %s', async (_what, name, read) => {
    await deliver(aMail({ to: { name, email: 'ann@client.example' } }));

    const [taken] = sink.taken;
    expect(taken?.to).toEqual(['ann@client.example']);
    expect(taken?.mail.to).toMatchObject({ value: [{ name: read, address: 'ann@client.example' }] });
    expect(taken?.mail.bcc).toBeUndefined();
  });

  test('has no second header, though the subject holds a line break', async () => {
    await deliver(aMail({ subject: 'Hello\r\nX-Evil: yes' }));
    expect(sink.taken[0]?.mail.headers.has('x-evil')).toBe(false);
  });
});

describe('a mail that is not taken', () => {
  test.each([
    [550, 'rejected'],
    [451, 'deferred'],
  ])('for a recipient refused with %i is %s', async (code, status) => {
    sink.manners.rcpt = () => code;
    expect(await deliver(aMail())).toMatchObject({ status, response: expect.stringContaining(String(code)) });
    expect(sink.taken).toEqual([]);
  });

  test.each([
    [554, 'rejected'],
    [452, 'deferred'],
  ])('for a message refused with %i is %s', async (code, status) => {
    sink.manners.data = () => code;
    expect(await deliver(aMail())).toMatchObject({ status });
  });

  test('is deferred when the login is refused: that is not the mail’s fault', async () => {
    sink.manners.auth = true;
    const known = createMailer({ url: sink.url.replace('//', '//user:wrong@'), timeouts });
    expect(await deliver(aMail(), known)).toMatchObject({
      status: 'deferred',
      response: expect.stringContaining('535'),
    });
  });

  test('is deferred when the server turns everybody away', async () => {
    sink.manners.greet = 554;
    expect(await deliver(aMail())).toMatchObject({ status: 'deferred' });
  });

  test('is deferred when no server is there', async () => {
    const nobody = createMailer({ url: 'smtp://127.0.0.1:1', timeouts });
    expect(await deliver(aMail(), nobody)).toMatchObject({ status: 'deferred' });
  });

  test('is deferred when the time is up before the message flows', async () => {
    const aborted = AbortSignal.abort();
    expect(await mailer.deliver(aMail(), aborted)).toMatchObject({ status: 'deferred' });
  });
});

describe('a mail that may have been taken', () => {
  test('is unknown when the server never answers the message', async () => {
    sink.manners.data = () => 'hang';
    const impatient = createMailer({ url: sink.url, timeouts: { ...timeouts, socket: 1_000 } });
    expect(await deliver(aMail(), impatient)).toMatchObject({ status: 'unknown' });
    expect(sink.taken).toHaveLength(1);
  });

  test('is unknown when the time is up while the message flows', async () => {
    const time = new AbortController();
    sink.manners.data = () => {
      time.abort();
      return 'hang';
    };
    expect(await mailer.deliver(aMail(), time.signal)).toMatchObject({ status: 'unknown' });
  });
});

test('a password is never sent in the clear to another machine', async () => {
  const away = createMailer({ url: sink.url.replace('//127.0.0.1', '//user:secret@0.0.0.0'), timeouts });
  const { status, response } = await deliver(aMail(), away);
  expect(status).toBe('deferred');
  expect(response).toMatch(/TLS|certificate/i);
});
