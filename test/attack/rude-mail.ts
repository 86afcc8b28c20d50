/** A door before the mail server: the next connections meet whatever is told here, all others the server itself. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Manner } from '../support/endings.ts';

export interface RudeMail {
  /** What the next connections meet, one each. */
  next: Manner[];
  close(): void;
}

/** Resolves to the port that stands before `direct`. */
export async function startRudeMail(direct: number): Promise<RudeMail & { port: number }> {
  const next: Manner[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    const manner = next.shift();
    if (manner) return manner(socket, '');
    const through = connect(direct, '127.0.0.1');
    sockets.add(through.on('error', () => socket.destroy()).on('close', () => socket.destroy()));
    socket.on('close', () => through.destroy());
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    next,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
