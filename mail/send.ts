/**
 * Hands one mail to the mail server and says what became of it. The one thing that matters is whether the server may have
 * taken it: as soon as the message has begun to flow, only the server's own answer makes a failure certain.
 */

import { createTransport } from 'nodemailer';
import { clip } from '../kernel/clip.ts';
import { settleWithin } from '../kernel/deadline.ts';
import { oneLine } from './markup.ts';
import type { Letter } from './render.ts';

interface Mailbox {
  name: string;
  email: string;
}

export interface Mail extends Letter {
  from: Mailbox;
  replyTo?: Mailbox;
  to: Mailbox;
  messageId: string;
}

/**
 * `deferred`: certainly not taken, try again later. `rejected`: the server will never take this mail. `unknown`: it may
 * have been taken. `response` is the server's own sentence and may name the recipient.
 */
export interface Delivery {
  status: 'accepted' | 'rejected' | 'deferred' | 'unknown';
  response: string;
}

export interface Mailer {
  deliver(mail: Mail, signal: AbortSignal): Promise<Delivery>;
  close(): void;
}

/** A mail server that can also be tried. */
interface MailServer extends Mailer {
  /** Connects and signs in, and sends nothing. Throws when the server does not let us. */
  verify(): Promise<void>;
}

export interface MailerOptions {
  url: string;
  /** In ms: to connect, to be greeted, between two signs of life, and in all. */
  timeouts?: { connection: number; greeting: number; socket: number; total?: number };
}

const usualTimeouts = { connection: 10_000, greeting: 10_000, socket: 30_000 };
/** A server may give signs of life for ever. It is shorter than a handler's time, so that what came of it is recorded. */
const usualTotal = 20_000;

export function createMailer({ url, timeouts = usualTimeouts }: MailerOptions): MailServer {
  const { total = usualTotal } = timeouts;
  const transport = createTransport({
    url,
    requireTLS: needsTls(url),
    connectionTimeout: timeouts.connection,
    dnsTimeout: timeouts.connection,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.socket,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const flowing = new WeakSet<object>();
  transport.use('stream', ({ data, message }, next) => {
    message.processFunc((stream) => stream.once('resume', () => flowing.add(data.headers as object)));
    next();
  });

  return {
    async deliver({ from, replyTo, to, messageId, ...letter }, signal) {
      const headers = { 'Auto-Submitted': 'auto-generated' };
      try {
        const mail = {
          ...letter,
          headers,
          from: address(from),
          to: address(to),
          ...(replyTo && { replyTo: address(replyTo) }),
          envelope: { from: from.email, to: [to.email] },
          messageId,
        };
        const send = (inTime: AbortSignal) => transport.sendMail({ ...mail, signal: inTime });
        const { response } = await settleWithin(total, send, signal);
        return { status: 'accepted', response };
      } catch (error) {
        return failed(error as SmtpError, flowing.has(headers));
      }
    },

    verify: async () => void (await settleWithin(total, () => transport.verify())),
    close: () => transport.close(),
  };
}

/** A password is only sent in the clear to this machine itself. */
function needsTls(url: string): boolean {
  const { protocol, username, hostname } = new URL(url);
  return protocol === 'smtp:' && username !== '' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** As an object, so that no part of it is read as another address. */
function address({ name, email }: Mailbox): { name: string; address: string } {
  return { name: oneLine(name), address: email };
}

interface SmtpError extends Error {
  command?: string;
  responseCode?: number;
  response?: string;
}

/** A refused sender, login or connection is the server's or our configuration's fault, not this mail's. */
function failed({ command, responseCode = 0, response, message }: SmtpError, isFlowing: boolean): Delivery {
  const said = clip(response ?? message, 300);
  const isAnswer = responseCode >= 400 && (command === 'RCPT TO' || command === 'DATA');
  if (isAnswer) return { status: responseCode >= 500 ? 'rejected' : 'deferred', response: said };
  return { status: isFlowing ? 'unknown' : 'deferred', response: said };
}
