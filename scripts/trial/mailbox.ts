/**
 * The mailbox of the demo: a real SMTP server that keeps what it is sent. A mail that comes twice is kept twice, so
 * that duplicates can be counted.
 */
import { once } from 'node:events';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  /** Equal for two deliveries of one mail, and for nothing else. */
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** Every address in it, in order. */
  links: string[];
  /** When it came, in words. */
  when: string;
}

export interface Mailbox {
  smtpUrl: string;
  mails: readonly Mail[];
  /** The links that whoever plays the clients has answered. */
  answered: Set<string>;
  /** How many deliveries were of a mail that had come already. */
  duplicates(): number;
  stop(): Promise<void>;
}

export interface MailboxOptions {
  onMail?: (mail: Mail) => void;
  /** The present moment, in words. */
  told?: () => string;
  /** True for an address that is refused with 550, as one is that there is not. */
  refuses?: (address: string) => boolean;
}

/** The page that an email asks its reader to answer, if it asks for anything. */
export const linkIn = ({ links }: Pick<Mail, 'links'>): string | undefined =>
  links.find((address) => /\/(onboarding|approve)\//.test(address));

export async function openMailbox({
  onMail,
  told = () => '',
  refuses = () => false,
}: MailboxOptions = {}): Promise<Mailbox> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, callback) {
      callback(refuses(address) ? noSuchUser(address) : null);
    },
    onData(stream, _session, callback) {
      simpleParser(stream).then((parsed) => {
        const mail = { ...read(parsed), when: told() };
        mails.push(mail);
        onMail?.(mail);
        callback();
      }, callback);
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');

  return {
    smtpUrl: `smtp://127.0.0.1:${portOf(listening)}`,
    mails,
    answered: new Set(),
    duplicates: () => mails.length - new Set(mails.map(({ id }) => id)).size,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

const noSuchUser = (address: string): Error =>
  Object.assign(new Error(`<${address}>: there is no such mailbox`), { responseCode: 550 });

function read(parsed: Awaited<ReturnType<typeof simpleParser>>): Omit<Mail, 'when'> {
  const { to, from, subject = '', text = '', html } = parsed;
  const addresses = [to].flat().flatMap((list) => list?.value ?? []);
  return {
    id: parsed.messageId ?? '',
    to: addresses.map(({ address = '' }) => address).join(', '),
    from: from?.text ?? '',
    subject,
    text,
    html: html || '',
    links: text.match(/https?:\/\/[^\s<>"')\]]+/g) ?? [],
  };
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  throw new Error('The mailbox got no port.');
}
