/** The mail server of a trial: takes every mail, writes it down before it says so, and can be told to behave badly. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { type Ledger, openLedger } from './ledger.ts';

interface Letter {
  key: string;
  to: string;
  at: number;
}

export interface Mailbox {
  port: number;
  ledger: Ledger<Letter>;
  /** What happens to the next mails: a code refuses them, `cut` takes them and drops the line, undefined takes them. */
  manner: { next: () => number | 'cut' | undefined; delay: number };
  close(): Promise<void>;
}

export async function startMailbox(path: string): Promise<Mailbox> {
  const ledger = openLedger<Letter>(path);
  const manner: Mailbox['manner'] = { next: () => undefined, delay: 0 };
  const server = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: true,
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 100,
    onAuth: (_login, _session, answer) => answer(null, { user: 'sender' }),
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => setTimeout(take, manner.delay));

      function take(): void {
        const next = manner.next();
        if (typeof next === 'number') {
          answer(Object.assign(new Error('refused'), { responseCode: next }));
          return;
        }
        const key = /^message-id:\s*<([^>]+)>/im.exec(Buffer.concat(chunks).toString('latin1'))?.[1] ?? '';
        ledger.add({ key, to: session.envelope.rcptTo.map(({ address }) => address).join(), at: performance.now() });
        if (next === 'cut') (stream as unknown as { destroy(): void }).destroy();
        else answer(null);
      }
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    ledger,
    manner,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          ledger.close();
          resolve();
        }),
      ),
  };
}
