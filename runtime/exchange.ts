/**
 * One request and its answer. It settles on every ending that the other side can think of: the limits of time reject by
 * themselves instead of waiting for what Node makes of a connection that they destroy, and a connection that is gone
 * without an answer, as after `101 Switching Protocols`, is an ending of its own.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { meaningOf, NoAnswer } from './no-answer.ts';
import type { Answer } from './page.ts';

/** Until connected, until the answer begins, and in all; ms. */
export interface Waits {
  connect: number;
  answer: number;
  total: number;
}

export interface Reading {
  waits: Waits;
  signal: AbortSignal | undefined;
  /** In bytes. */
  largest: number;
  /** Reads so much and leaves the rest; otherwise more is no answer at all. */
  isCut?: boolean;
}

/** Rejects with NoAnswer or with the AddressRefused of its lookup. */
export async function exchange(
  request: ClientRequest,
  { body, waits, ...reading }: Reading & { body: string | undefined },
): Promise<Answer> {
  let connected = false;
  let answered = false;
  request.on('socket', (socket) => {
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      connected = true;
    });
  });
  const timers: NodeJS.Timeout[] = [];
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const limit = (ms: number, what: string, isMet = () => false) => {
        const give = () => isMet() || reject(new Error(`${what} within the time allowed.`));
        timers.push(setTimeout(give, ms));
      };
      limit(waits.connect, 'No connection', () => connected);
      limit(waits.answer, 'No answer', () => answered);
      limit(waits.total, 'No end of the answer');
      request.on('response', (response) => {
        answered = true;
        read(response, reading).then(resolve, reject);
      });
      request.on('upgrade', ({ statusCode }, socket) => {
        socket.on('error', () => undefined).destroy();
        reject(new NoAnswer(`It answered ${statusCode} and began another protocol.`, true));
      });
      request.on('error', reject);
      request.on('close', () => answered || reject(new Error('The connection ended without an answer.')));
      request.end(body);
    });
  } catch (error) {
    throw meaningOf(error as Error, connected);
  } finally {
    timers.forEach(clearTimeout);
    request.destroy();
  }
}

async function read(
  response: IncomingMessage,
  { largest, isCut = false }: Pick<Reading, 'largest' | 'isCut'>,
): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest && !isCut) {
      response.destroy();
      throw new Error(`The answer is larger than ${largest} bytes.`);
    }
    chunks.push(chunk);
    if (size > largest) break;
  }
  return { status, headers, bytes: Buffer.concat(chunks).subarray(0, largest), isCut: size > largest };
}
