/** Emails that come back later: a signed report ends where an answer at once does, and the link says whom it was sent to. */
import { beforeAll, describe, expect, test } from 'vitest';
import { after, seconds, systemClock } from '../../kernel/time.ts';
import { signedHeaders } from '../../runtime/webhook.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { headersOfBytes } from '../support/signed-bytes.ts';
import { secretOf } from '../support/vendor.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  const north = await api.models.agencies.get('north');
  await api.models.agencies.put({ ...north!, mailSecrets: [secretOf('mail')] });
});

/** An order whose link was mailed, as far as the mail server said. */
async function mailed(): Promise<{ order: string; mail: string; messageId: string }> {
  const order = await api.order('seo');
  const mail = (await api.models.work.ofOrder(order, 100)).find(({ kind }) => kind === 'notify')!;
  const messageId = `<${mail._id}@north.example>`;
  const { agency, account } = mail;
  const about = { agency, account, order, stage: 'intake', round: 1, to: 'client' as const };
  const recipient = mail.payload['recipient'] as { name: string; email: string };
  const draft = { _id: mail._id, ...about, template: 'onboarding-requested', recipient, messageId };
  await api.models.notifications.begin(draft, 'token', systemClock.now());
  await api.models.notifications.end({ _id: mail._id, token: 'token' }, { state: 'sent' }, systemClock.now());
  return { order, mail: mail._id, messageId };
}

const report = (messageId: string, { action = 'failed', code = '550 5.1.1 no such user' } = {}) =>
  [
    'From: MAILER-DAEMON@mx.example',
    'To: hello@north.example',
    'Subject: Undelivered Mail',
    'Message-ID: <report-1@mx.example>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Sorry.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    'Final-Recipient: rfc822; ann@client.example',
    `Action: ${action}`,
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; ${code}`,
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: hello@north.example',
    'Subject: Your details',
    `Message-ID: ${messageId}`,
    '',
    'Hello.',
    '--b--',
    '',
  ].join('\r\n');

interface Sent {
  id?: string;
  secret?: string;
  to?: string;
  secondsOld?: number;
}

function send(body: string, { id = 'msg_1', secret = 'mail', to = 'north', secondsOld = 0 }: Sent = {}) {
  const at = after(systemClock.now(), -seconds(secondsOld));
  const headers = { 'content-type': 'message/rfc822', ...signedHeaders([secretOf(secret)], { id, at, body }) };
  return api.app.inject({ method: 'POST', url: `/v1/mail-events/${to}`, headers, payload: body });
}

describe('a report that is not UTF-8', () => {
  const sendBytes = (raw: Buffer, signed = raw, id = 'latin_1') => {
    const headers = headersOfBytes(secretOf('mail'), id, signed);
    const payload = raw;
    return api.app.inject({
      ...{ method: 'POST', url: '/v1/mail-events/north', payload },
      headers: { ...headers, 'content-type': 'message/rfc822' },
    });
  };

  test('is judged by its bytes, and keeps the words of the server', async () => {
    const { order, messageId } = await mailed();
    const raw = Buffer.from(report(messageId, { code: '550 Empf\u00e4nger unbekannt' }), 'latin1');
    expect((await sendBytes(raw)).statusCode).toBe(202);
    const items = (await api.models.work.ofOrder(order, 100)).filter(({ kind }) => kind === 'bounce');
    expect(items).toMatchObject([{ payload: { said: '550 Empf\u00e4nger unbekannt' } }]);
  });

  test('is not taken for another that differs only in bytes that are no UTF-8', async () => {
    const { messageId } = await mailed();
    const [one, other] = ['\u00e4', '\u00f6'].map((code) => Buffer.from(report(messageId, { code }), 'latin1'));
    expect((await sendBytes(one!, other, 'latin_2')).statusCode).toBe(401);
  });
});

describe('a report that an email came back', () => {
  test('is accepted once, with the server’s words, however often it is sent', async () => {
    const { order, mail, messageId } = await mailed();
    const answers = await Promise.all([1, 2].map(() => send(report(messageId), { id: `msg_${mail}` })));
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(202);
    const items = (await api.models.work.ofOrder(order, 100)).filter(({ kind }) => kind === 'bounce');
    expect(items).toMatchObject([{ payload: { mail, action: 'failed', said: '550 5.1.1 no such user' } }]);
  });

  test('is ignored where it is about no email of the agency, or names no end', async () => {
    const { messageId } = await mailed();
    for (const body of [report('<made-up@north.example>'), report(messageId, { action: 'delayed' })]) {
      const answer = await send(body);
      expect([answer.statusCode, Object.keys(answer.json())]).toEqual([202, ['ignored']]);
    }
  });

  test.each([
    ['signed with a wrong secret', { secret: 'wrong' }, 401],
    ['for an agency nobody knows', { to: 'nobody' }, 401],
    ['for an agency without a secret', { to: 'south' }, 401],
    ['more than five minutes old', { secondsOld: 301 }, 401],
  ] as const)('is refused when it is %s', async (_, sent, status) => {
    expect((await send(report('<x@y.example>'), sent)).statusCode).toBe(status);
  });

  test('is refused when it is another mail, and when it is too large', async () => {
    expect((await send('From: a@b.example\r\n\r\nI am away.')).statusCode).toBe(400);
    expect((await send('x'.repeat(300_000))).statusCode).toBe(413);
  });

  test('is read within its budget, whatever is in it', async () => {
    const nested = Array.from(
      { length: 3_000 },
      (_, n) => `--b${n}\r\nContent-Type: multipart/mixed; boundary=b${n + 1}\r\n`,
    );
    const odd = [
      `Content-Type: multipart/report; boundary=b0\r\n\r\n${nested.join('\r\n')}`,
      `${'Message-ID:'.repeat(20_000)}\r\n\r\n`,
      `Message-ID:${' '.repeat(200_000)}<a@b>\r\n\r\n`,
    ];
    for (const body of odd) expect((await send(body)).statusCode).toBe(400);
  });
});

describe('a form', () => {
  test('says whom its link was made for, not who the order’s client is', async () => {
    const id = await api.order('seo');
    const recipient = { name: 'Zoë', email: 'zoe@client.example' };
    const body = { stage: 'intake', recipient };
    const asked = await api.call('POST', `/v1/admin/orders/${id}/onboarding-link`, {
      body,
      headers: { 'if-match': '*' },
    });
    expect(asked.statusCode, asked.body).toBeLessThan(300);
    await api.work();
    const { link = '' } = stateOf((await api.models.orders.get(id))!.state, 'intake');
    expect((await api.models.links.get(link))?.recipient).toEqual(recipient);
    const listed = await api.call('GET', `/v1/admin/onboardings?orders=${id}`);
    expect(listed.json().data[0].sentTo).toBe('zoe@client.example');
    const mine = await api.call('GET', '/v1/store/orders/my-forms', { as: 'account_manager' });
    const own = mine.json().data.filter(({ order }: { order: string }) => order === id);
    expect(own[0].sentTo).toBe('zoe@client.example');
  });
});

describe('the delivery log', () => {
  test('lists the emails of an order and of its account in pages, the newest first, with what became of them', async () => {
    const [first, second] = [await mailed(), await mailed()];
    await api.models.notifications.bounce(first.mail, '550 gone', systemClock.now());
    const own = await api.call('GET', `/v1/admin/orders/${first.order}/emails`);
    expect(own.json().data).toMatchObject([
      { id: first.mail, state: 'bounced', response: '550 gone', template: 'onboarding-requested', stage: 'intake' },
    ]);
    expect(own.json().data[0].recipient.email).toContain('@');
    expect(own.json().page).toEqual({ number: 1, hasMore: false });
    const all = await api.call('GET', '/v1/admin/accounts/acme/emails?limit=1');
    expect(all.json().data).toMatchObject([{ id: second.mail }]);
    expect(all.json().page).toEqual({ number: 1, hasMore: true });
    const next = await api.call('GET', '/v1/admin/accounts/acme/emails?limit=1&page=2');
    expect(next.json().data).toMatchObject([{ id: first.mail }]);
  });
});
