/** The server: its store, its turns, its connections and the clock that takes out what has had its time. */
import { createServer } from 'node:net';
import type { Server } from './command.ts';
import { accept, type Connections } from './connections.ts';
import { closeIdle } from './cursors.ts';
import { CommitFailed } from './disk.ts';
import { messageOf } from './errors.ts';
import { openStore } from './store.ts';
import { removeExpired } from './ttl.ts';
import { newTurns } from './turns.ts';

export interface Listening {
  port: number;
  close(): Promise<void>;
}

export interface Options {
  dir: string;
  port: number;
  sync: boolean;
  log: (line: string) => void;
  /** After a commit that failed: the process is to end, without touching the data again. */
  leave: (error: Error) => void;
}

export async function listen(options: Options): Promise<Listening> {
  const connections: Connections = { open: new Set(), halfSent: 0 };
  const store = openStore(options.dir, options);
  const expire = () => expireIn(server, options);
  let ttl = setInterval(expire, 60_000);
  const server: Server = {
    store,
    cursors: { open: new Map() },
    address: '',
    startedAt: performance.now(),
    connections: () => connections.open.size,
    setTtlPeriod: (seconds) => {
      clearInterval(ttl);
      ttl = setInterval(expire, seconds * 1000);
    },
  };
  const turns = newTurns({ server, ...options });
  const tcp = createServer({ noDelay: true, keepAlive: true }, (socket) => accept(connections, turns, socket));
  const port = await listening(tcp, options.port);
  server.address = `127.0.0.1:${port}`;
  return {
    port,
    async close() {
      clearInterval(ttl);
      const closed = new Promise((resolve) => tcp.close(resolve));
      for (const { socket } of connections.open) socket.destroy();
      await closed;
      await store.root.close();
    },
  };
}

async function listening(tcp: ReturnType<typeof createServer>, wanted: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(wanted, '127.0.0.1', resolve);
  });
  const address = tcp.address();
  return typeof address === 'object' && address ? address.port : wanted;
}

function expireIn({ cursors, store }: Server, { log, leave }: Options): void {
  closeIdle(cursors);
  try {
    removeExpired(store);
  } catch (error) {
    if (error instanceof CommitFailed) leave(error);
    else log(`TTL: ${messageOf(error)}`);
  }
}
