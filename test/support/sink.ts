/**
 * A real SMTP server that keeps what it takes and can be told to answer badly. Messages are read back with a parser that
 * is not the one that wrote them.
 */
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

interface Taken {
  from: string;
  to: string[];
  mail: ParsedMail;
  raw: string;
}

/** What the server does with the next mails; everything is taken until it is told otherwise. */
interface Manners {
  /** Asked for each recipient: a code refuses it. */
  rcpt?: (address: string) => number | undefined;
  /** Asked for each message: a code refuses it, `hang` never answers, `cut` takes it and drops the line. */
  data?: () => number | 'hang' | 'cut' | undefined;
  /** Refuses every login. */
  auth?: boolean;
  greet?: number;
}

export interface Sink {
  url: string;
  port: number;
  taken: Taken[];
  manners: Manners;
  close(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const taken: Taken[] = [];
  const manners: Manners = {};
  const server = new SMTPServer({
    hideSTARTTLS: true,
    authOptional: true,
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 100,
    onAuth: (_login, _session, answer) => answer(manners.auth ? failure(535) : null, { user: 'sender' }),
    onConnect: (_session, answer) => answer(manners.greet ? failure(manners.greet) : null),
    onRcptTo: ({ address }, _session, answer) => {
      const code = manners.rcpt?.(address);
      answer(code ? failure(code, `<${address}> is refused on purpose`) : null);
    },
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const manner = manners.data?.();
        if (typeof manner === 'number') return answer(failure(manner));
        const raw = Buffer.concat(chunks).toString('utf8');
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom ? mailFrom.address : '';
        taken.push({ from, to: rcptTo.map(({ address }) => address), mail: await simpleParser(raw), raw });
        if (manner === 'hang') return;
        if (manner === 'cut') return (stream as unknown as { destroy(): void }).destroy();
        answer(null);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.on('error', () => undefined);
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    taken,
    manners,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Real servers name the recipient they refuse, so this one does. */
function failure(responseCode: number, message = 'refused on purpose'): Error {
  return Object.assign(new Error(message), { responseCode });
}
