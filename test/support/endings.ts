/** Every way in which the other side may end what it was asked over HTTP, on a socket that has heard the request. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What is done with a socket; `asked` is what came so far. */
export type Manner = (socket: Socket, asked: string) => void;

export const says =
  (text: string): Manner =>
  (socket) =>
    void socket.write(text);
export const drips =
  (begin: string, drop: string): Manner =>
  (socket) => {
    socket.write(begin);
    const dripping = setInterval(() => socket.write(drop), 40);
    socket.on('close', () => clearInterval(dripping));
  };
export const resets: Manner = (socket) =>
  void (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy());
export const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n';

export const endings: [string, Manner][] = [
  ['a reset before the answer', resets],
  ['a reset in the headers', (socket) => socket.write('HTTP/1.1 200 OK\r\ncont', () => resets(socket, ''))],
  ['a reset in the body', (socket) => socket.write(`${head}content-length: 9\r\n\r\nabc`, () => resets(socket, ''))],
  ['a half-close before the answer', (socket) => socket.end()],
  ['a half-close in the headers', (socket) => socket.end(head)],
  ['a half-close in the body', (socket) => socket.end(`${head}content-length: 9\r\n\r\nabc`)],
  ['a half-close in a chunk', (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n9\r\nabc`)],
  ['100 and nothing else', says('HTTP/1.1 100 Continue\r\n\r\n')],
  ['103 without end', drips('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')],
  ['101', says('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')],
  ['101 without an upgrade', says('HTTP/1.1 101 Switching Protocols\r\n\r\n')],
  ['101, and then it hangs up', (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')],
  ['200 with an upgrade', says(`${head}connection: upgrade\r\nupgrade: h2c\r\n\r\n`)],
  ['204 with a body', says('HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello')],
  ['304 with a body', says('HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello')],
  ['trailers without end', drips(`${head}transfer-encoding: chunked\r\ntrailer: x\r\n\r\n0\r\n`, 'x: y\r\n')],
  ['a chunk extension without end', drips(`${head}transfer-encoding: chunked\r\n\r\n5;`, 'x')],
  ['a length that is too long', says(`${head}content-length: 500\r\n\r\nhello`)],
  ['a length that is too short', says(`${head}content-length: 2\r\n\r\nhello`)],
  ['a length that is no number', says(`${head}content-length: x\r\n\r\nhello`)],
  ['two lengths', says(`${head}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`)],
  ['headers without end', drips(head, 'a: b\r\n')],
  ['headers that drip', drips('', 'H')],
  ['a body that drips', drips(`${head}\r\n`, 'x')],
  ['what is no HTTP', says('SSH-2.0-OpenSSH_9.6\r\n')],
  ['silence', () => undefined],
];
