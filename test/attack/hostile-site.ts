/**
 * One server that plays every hostile site and vendor: `<name>.example.com` through the stand-in for the internet, and
 * `/vendor/<name>/…` at its own origin. What it does with a socket is told under that name.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Manner } from '../support/endings.ts';

export interface HostileSite {
  origin: string;
  /** What is done under each name. */
  manners: Map<string, Manner>;
  /** How often it was asked, in all. */
  asked(): number;
  close(): void;
}

export const hostOf = (name: string): string => `${name}.example.com`;

export async function startHostileSite(): Promise<HostileSite> {
  const manners = new Map<string, Manner>();
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    let said = '';
    socket.on('data', function hear(chunk: Buffer) {
      said += chunk.toString('latin1');
      if (!said.includes('\r\n\r\n')) return;
      socket.off('data', hear).resume();
      count += 1;
      const manner = manners.get(nameIn(said));
      if (manner) manner(socket, said);
      else socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manners,
    asked: () => count,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const nameIn = (head: string): string =>
  /^host: ([\w-]+)\.example\.com/im.exec(head)?.[1] ?? /^\w+ \/vendor\/([\w-]+)/.exec(head)?.[1] ?? '';

export interface Files {
  page?: string;
  robots?: string;
  sitemap?: string;
}

/** A site that answers as it should, whatever its files hold. */
export function serves({ page = '<title>A page</title>', robots = '', sitemap = '<urlset></urlset>' }: Files): Manner {
  const bodies: Record<string, [string, string]> = {
    '/robots.txt': ['text/plain', robots],
    '/sitemap.xml': ['application/xml', sitemap],
  };
  return (socket, asked) => {
    const path = /^\w+ (\S+)/.exec(asked)?.[1] ?? '';
    const [type, body] = bodies[path] ?? ['text/html', page];
    const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}`;
    socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
  };
}
