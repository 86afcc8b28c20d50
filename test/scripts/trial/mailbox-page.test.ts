import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { openMailbox } from '../../../scripts/trial/mailbox.ts';
import { serveMailbox } from '../../../scripts/trial/mailbox-page.ts';

test('the list has pages, and tells what still waits for an answer', async () => {
  const { mailbox, url } = await served();
  const clients = await clientPages({
    '/onboarding/open': '<form method="post"></form>',
    '/approve/decided': 'Thanks',
  });
  await post(mailbox.smtpUrl, { subject: 'Open', text: `${clients}/onboarding/open` });
  await post(mailbox.smtpUrl, { subject: 'Decided', text: `${clients}/approve/decided` });
  await post(mailbox.smtpUrl, { subject: 'Answered', text: `${clients}/onboarding/answered` });
  mailbox.answered.add(`${clients}/onboarding/answered`);
  for (let n = 1; n <= 27; n += 1) await post(mailbox.smtpUrl, { subject: `News ${n}`, text: 'Nothing to do.' });

  const first = await read(url);
  expect(first).toContain('Mailbox (30)');
  expect(first).toContain('Page 1 of 2');
  expect(subjectsIn(first)).toHaveLength(25);
  expect(subjectsIn(await read(`${url}/?page=2`))).toEqual(['News 2', 'News 1', 'Answered', 'Decided', 'Open']);
  expect(subjectsIn(await read(`${url}/?page=99`))).toContain('Open');
  expect(subjectsIn(await read(`${url}/?show=unanswered`))).toEqual(['Open']);
  expect(await read(`${url}/?show=unanswered`)).toContain('Unanswered (1)');
});

test('an email is shown as HTML in a frame whose links may open pages, and as plain text', async () => {
  const { mailbox, url } = await served();
  await post(mailbox.smtpUrl, {
    subject: '<b>',
    text: 'See https://a.example/x?y=1&z=2.',
    html: '<p onclick="x">Hi</p>',
  });
  const html = await read(`${url}/0`);
  expect(html).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(html).toContain('&lt;p onclick=&quot;x&quot;&gt;Hi');
  expect(html).not.toContain('<b>');
  expect(await read(`${url}/0/text`)).toContain('<a href="https://a.example/x?y=1&amp;z=2." target="_blank"');
  expect((await fetch(`${url}/1`)).status).toBe(404);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

const subjectsIn = (page: string) => [...page.matchAll(/<li><a href="\/\d+">(.*?)<\/a>/g)].map((match) => match[1]);

async function read(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function served() {
  const mailbox = await openMailbox({ told: () => 'Monday' });
  const { url, stop } = await serveMailbox(mailbox, 0);
  onTestFinished(async () => {
    await stop();
    await mailbox.stop();
  });
  return { mailbox, url };
}

async function post(smtpUrl: string, letter: { subject: string; text: string; html?: string }): Promise<void> {
  const transport = createTransport(smtpUrl);
  await transport.sendMail({ from: 'Agency <a@agency.example>', to: 'cleo@client.example', ...letter });
  transport.close();
}

async function clientPages(pages: Record<string, string>): Promise<string> {
  const server = createServer(({ url = '' }, response) => void response.end(pages[url] ?? '')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
