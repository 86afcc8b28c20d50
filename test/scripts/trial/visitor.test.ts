import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../scripts/servers/ports.ts';
import { ask } from '../../../scripts/trial/visitor.ts';

describe('a visitor', () => {
  test('tries again while nobody listens, and after a fault', async () => {
    const port = await freePort();
    const answer = ask(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
    const seen: string[] = [];
    await serve(port, (request, response) => {
      seen.push(request.method ?? '');
      response.writeHead(seen.length === 1 ? 503 : 200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
    expect(await answer).toMatchObject({ status: 200, body: { ok: true } });
    expect(seen).toEqual(['POST', 'POST']);
  });

  test('takes a refusal for an answer', async () => {
    const port = await freePort();
    let asked = 0;
    await serve(port, (_request, response) => {
      asked += 1;
      response.writeHead(409).end('no');
    });
    expect(await ask(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 409, text: 'no', body: undefined });
    expect(asked).toBe(1);
  });
});

async function serve(port: number, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}
