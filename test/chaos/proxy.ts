/** Stands between the application and a server: lets every request through and, when told to, loses the next replies. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DeafProxy {
  url: string;
  /** Each connection loses its next reply and is cut. */
  deafen(): void;
  /** How many replies were lost. */
  cut(): number;
}

export async function deafProxy(target: string): Promise<DeafProxy> {
  const { hostname, port, protocol } = new URL(target);
  const deaf = new Set<Socket>();
  const clients = new Set<Socket>();
  let cut = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    clients.add(client);
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (!deaf.has(client)) return void client.write(chunk);
      cut += 1;
      client.destroy();
    });
    const end = () => {
      clients.delete(client);
      deaf.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    deafen: () => {
      for (const client of clients) deaf.add(client);
    },
    cut: () => cut,
  };
}
