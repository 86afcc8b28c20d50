/**
 * The clients: they read their mail, open the link in it, look at the page and answer it, as a browser would: every
 * control of the page's form is sent. Each mail is looked at once, however often it comes.
 */
import { type Form, fillIn, formIn } from './forms.ts';
import { linkIn, type Mail, type Mailbox } from './mailbox.ts';
import { ask } from './visitor.ts';

const accept = 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8';

export type Question = 'form' | 'approval';
type Answer = Record<string, unknown>;
export type Reply = ((form: Form) => Answer) | 'later' | undefined;

export interface Clients {
  mailbox: Mailbox;
  /** What the person with this address says to the page; undefined leaves the mail unanswered, for good. */
  answerOf: (address: string, question: Question) => Reply;
  say: (line: string) => void;
}

/** A turn: the mails that came since the last one are answered, or left. */
export function readers({ mailbox, answerOf, say }: Clients): () => Promise<void> {
  const seen = new Set<string>();
  return async () => {
    const fresh = mailbox.mails.filter(({ id }) => !seen.has(id));
    const once = [...new Map(fresh.map((mail) => [mail.id, mail])).values()];
    await Promise.all(once.map(reply));
  };

  async function reply(mail: Mail): Promise<void> {
    const { id, to, subject } = mail;
    const link = linkIn(mail);
    const answer = link && answerOf(to, link.includes('/approve/') ? 'approval' : 'form');
    if (answer === 'later') return;
    seen.add(id);
    if (!link || !answer) return;
    await visit(link, answer).then(
      () => mailbox.answered.add(link),
      (error: Error) => say(`client   "${subject}": ${error.message}`),
    );
  }
}

/**
 * Opens the page, and answers it if there is an answer. A page that asks for nothing (more) is only looked at: what it
 * asked was answered from another mail.
 */
export async function visit(link: string, answer?: (form: Form) => Answer): Promise<{ status: number }> {
  const page = await ask(link, { headers: { accept } });
  if (!answer) return page;
  if (page.status !== 200) throw new Error(`the page was answered ${page.status}.`);
  const form = formIn(page.text);
  if (!form) return page;

  const sent = await ask(new URL(form.action || link, link).href, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fillIn(form, answer(form))).toString(),
  });
  if (sent.status >= 400) throw new Error(`the answer was refused with ${sent.status}: ${errorsIn(sent.text)}`);
  return sent;
}

const errorsIn = (page: string): string =>
  [...page.matchAll(/id="f-([^"]+)-error">([^<]+)</g)].map(([, field, message]) => `${field}: ${message}`).join(' ');
