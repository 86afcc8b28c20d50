/**
 * The small HTTP port of a process that serves nothing else: is it alive, is it ready, and what has it counted. Alive
 * means getting on: a process that runs but does nothing while there is work to do is not.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from './log.ts';
import { registry } from './metrics.ts';

export interface Health {
  /** Why the process should be started again; undefined while it gets on. */
  stuck(): Promise<string | undefined>;
  ready(): Promise<boolean>;
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

export async function serveHealth(
  { host, port }: { host: string; port: number },
  health: Health,
  log: Log,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '').then(
      ({ status, type = 'application/json', body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(503).end(),
    );
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, listening);
  });
  const address = server.address() as AddressInfo;
  log.info({ port: address.port }, 'health');
  return {
    port: address.port,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };

  async function answer(url: string): Promise<{ status: number; type?: string; body: string }> {
    switch (url.split('?')[0]) {
      case '/health/live': {
        const reason = await health.stuck();
        const status = reason === undefined ? 'ok' : 'stuck';
        return { status: reason === undefined ? 200 : 503, body: JSON.stringify({ status, reason }) };
      }
      case '/health/ready': {
        const ready = await health.ready();
        return { status: ready ? 200 : 503, body: JSON.stringify({ status: ready ? 'ok' : 'unavailable' }) };
      }
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return { status: 404, body: '{}' };
    }
  }
}
