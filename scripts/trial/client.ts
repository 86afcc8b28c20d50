/**
 * The clients: they read their mail, open the link in it, look at the page and answer it, as a browser would: what the
 * page's form holds is what is sent. Each mail is answered once, however often it comes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fillIn, formIn } from './forms.ts';
import type { Mail, Mailbox } from './mailbox.ts';
import { ask } from './visitor.ts';

export interface Clients {
  mailbox: Mailbox;
  /** What the person with this address says when asked for a form, or for an approval; undefined leaves it unanswered. */
  answerOf: (address: string, asked: 'form' | 'approval') => Record<string, unknown> | undefined;
  say: (line: string) => void;
}

const pause = 150;

/** Runs until `signal` says so. A page that can't be answered is told once and left. */
export async function answerMail(clients: Clients, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  while (!signal.aborted) {
    const fresh = clients.mailbox.mails.filter(({ id }) => !seen.has(id));
    for (const mail of fresh) seen.add(mail.id);
    await Promise.all(fresh.map((mail) => reply(mail, clients)));
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function reply({ to, subject, links }: Mail, { answerOf, say }: Clients): Promise<void> {
  const link = links.find((address) => /\/(onboarding|approve)\//.test(address));
  if (link === undefined) return;
  const answer = answerOf(to, link.includes('/approve/') ? 'approval' : 'form');
  if (answer === undefined) return;
  await visit(link, answer).catch((error: Error) => say(`client   "${subject}": ${error.message}`));
}

async function visit(link: string, answer: Record<string, unknown>): Promise<void> {
  const page = await ask(link);
  const form = formIn(page.text);
  if (page.status !== 200) throw new Error(`the page was answered ${page.status}.`);
  if (!form) throw new Error('the page has no form.');

  const sent = await ask(new URL(form.action || link, link).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fillIn(form, answer)).toString(),
  });
  if (sent.status >= 400) throw new Error(`the answer was refused with ${sent.status}.`);
}
