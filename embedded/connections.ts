/**
 * Connections and their frames. A connection has one command at work at a time and is not read from meanwhile, so a
 * client that never takes its answers holds up itself. Half-sent messages are bounded, altogether and in time.
 */
import type { Socket } from 'node:net';
import { messageOf } from './errors.ts';
import { admit, faultOf, type Turns } from './turns.ts';
import { encodeReply, HEADER, MAX_MESSAGE, type Message, parseMessage, type Reply } from './wire.ts';

interface Connection {
  socket: Socket;
  chunks: Buffer[];
  length: number;
  busy: boolean;
}

export interface Connections {
  open: Set<Connection>;
  halfSent: number;
}

/** What half-sent messages may hold altogether; past it, whoever sends more is closed. */
const MAX_HALF_SENT = 256 * 1024 * 1024;
const HALF_OPEN_MS = 10 * 60 * 1000;

export function accept(connections: Connections, turns: Turns, socket: Socket): void {
  const connection: Connection = { socket, chunks: [], length: 0, busy: false };
  connections.open.add(connection);
  socket.setTimeout(HALF_OPEN_MS, () => connection.length > 0 && socket.destroy());
  socket.on('data', (chunk) => {
    connection.chunks.push(chunk);
    connection.length += chunk.length;
    connections.halfSent += chunk.length;
    if (connections.halfSent > MAX_HALF_SENT) close(connection, turns, new Error('Too much is being sent at once.'));
    else next(connections, turns, connection);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    connections.halfSent -= connection.length;
    connection.length = 0;
    connections.open.delete(connection);
  });
}

function next(connections: Connections, turns: Turns, connection: Connection): void {
  if (connection.busy || connection.socket.destroyed) return;
  try {
    const frame = takeFrame(connection);
    if (!frame) return void connection.socket.resume();
    connections.halfSent -= frame.length;
    connection.busy = true;
    connection.socket.pause();
    const message = parseMessage(frame);
    admit(turns, message, (reply) => answer({ connections, turns, connection }, message, reply));
  } catch (error) {
    close(connection, turns, error);
  }
}

function close({ socket }: Connection, { log }: Turns, error: unknown): void {
  log(`Connection closed: ${messageOf(error)}`);
  socket.destroy();
}

interface Place {
  connections: Connections;
  turns: Turns;
  connection: Connection;
}

function answer({ connections, turns, connection }: Place, message: Message, reply: Reply | undefined): void {
  const { socket } = connection;
  const goOn = () => {
    connection.busy = false;
    next(connections, turns, connection);
  };
  if (!reply) socket.destroy();
  if (!reply || !message.wantsReply || socket.destroyed) goOn();
  else if (socket.write(encoded(reply, message, turns))) goOn();
  else socket.once('drain', goOn);
}

function encoded(reply: Reply, message: Message, { log }: Turns): Buffer {
  try {
    return encodeReply(reply, message);
  } catch (error) {
    return encodeReply(faultOf(error, log), message);
  }
}

/** The next whole message, or nothing yet. */
function takeFrame(connection: Connection): Buffer | undefined {
  if (connection.length < HEADER) return undefined;
  const first = connection.chunks[0] as Buffer;
  if (first.length < 4) connection.chunks = [Buffer.concat(connection.chunks)];
  const size = (connection.chunks[0] as Buffer).readInt32LE(0);
  if (size < HEADER || size > MAX_MESSAGE) throw new Error(`A message says it has ${size} bytes.`);
  if (connection.length < size) return undefined;
  const all = connection.chunks.length === 1 ? (connection.chunks[0] as Buffer) : Buffer.concat(connection.chunks);
  connection.chunks = all.length > size ? [all.subarray(size)] : [];
  connection.length -= size;
  return all.subarray(0, size);
}
