/**
 * Connections and the turn. Commands that arrive in one turn of the event loop run together: the reads at once, the
 * writes of all connections in one transaction, which is what makes a durable write affordable. While many write, a
 * transaction waits a moment for as many as the last one had. While others are there, a command that writes many documents
 * is run in parts (`parts.ts`), and small ones never wait behind it. A connection has one command at work at a time and is
 * not read from meanwhile, so a client that never takes its answers holds up itself.
 */
import { createServer, type Socket } from 'node:net';
import type { Server } from './command.ts';
import { isWrite, runCommand } from './commands.ts';
import { closeIdle } from './cursors.ts';
import { asRefusal, describeError, messageOf } from './errors.ts';
import { ConnectionCut } from './failpoint.ts';
import { newPace } from './pace.ts';
import { advance, left, nextPart, type Progress } from './parts.ts';
import { openStore, write } from './store.ts';
import { removeExpired } from './ttl.ts';
import { encodeReply, HEADER, MAX_MESSAGE, type Message, parseMessage, type Reply } from './wire.ts';

interface Connection {
  socket: Socket;
  chunks: Buffer[];
  length: number;
  busy: boolean;
}

interface Job extends Progress {
  connection: Connection;
  /** How many of its documents are written in this turn. */
  part: number;
  reply?: Reply | undefined;
}

/** What half-sent messages may hold altogether; past it, whoever sends more is closed. */
const MAX_HALF_SENT = 256 * 1024 * 1024;
/** From so many writers at a time on, waiting for the others costs less than a sync for each. */
const MANY_WRITERS = 3;
const GATHER_MS = 1;
/** While others are there, a turn takes no longer: as many documents of larger commands as that allows, the small beside. */
const TURN_MS = 6;
/** A command that would take longer than a turn is written in parts of so much: it can wait, and others hardly do. */
const PART_MS = 2;
const SMALL = 4;
/** Whoever has spoken alone for so long is not run in parts. */
const ALONE_MS = 100;
const HALF_OPEN_MS = 10 * 60 * 1000;

export interface Listening {
  port: number;
  close(): Promise<void>;
}

export async function listen(options: {
  dir: string;
  port: number;
  sync: boolean;
  log: (line: string) => void;
}): Promise<Listening> {
  const store = openStore(options.dir, options);
  const connections = new Set<Connection>();
  let ttl = setInterval(expire, 60_000);
  const server: Server = {
    store,
    cursors: { open: new Map() },
    address: `127.0.0.1:${options.port}`,
    startedAt: performance.now(),
    connections: () => connections.size,
    setTtlPeriod: (seconds) => {
      clearInterval(ttl);
      ttl = setInterval(expire, seconds * 1000);
    },
  };
  let reads: Job[] = [];
  let writes: Job[] = [];
  let gathering: NodeJS.Timeout | undefined;
  let writersLast = 1;
  let halfSent = 0;
  let speaker: Connection | undefined;
  let aloneSince = performance.now();
  const pace = newPace();

  function expire() {
    closeIdle(server.cursors);
    try {
      removeExpired(store);
    } catch (error) {
      options.log(`TTL: ${messageOf(error)}`);
    }
  }

  function receive(connection: Connection, chunk: Buffer) {
    connection.chunks.push(chunk);
    connection.length += chunk.length;
    halfSent += chunk.length;
    if (halfSent > MAX_HALF_SENT) return refuse(connection, new Error('Too much is being sent at once.'));
    next(connection);
  }

  function next(connection: Connection) {
    if (connection.busy || connection.socket.destroyed) return;
    try {
      const frame = takeFrame(connection);
      if (!frame) return void connection.socket.resume();
      halfSent -= frame.length;
      connection.busy = true;
      connection.socket.pause();
      admit({ connection, message: parseMessage(frame), from: 0, answers: [], part: 0 });
    } catch (error) {
      refuse(connection, error);
    }
  }

  function refuse(connection: Connection, error: unknown) {
    options.log(`Connection closed: ${messageOf(error)}`);
    connection.socket.destroy();
  }

  function admit(job: Job) {
    if (job.connection !== speaker || writes.length > 0) aloneSince = performance.now();
    speaker = job.connection;
    if (!isWrite(job.message)) {
      if (reads.push(job) === 1) setImmediate(readAll);
      return;
    }
    const many = writersLast >= MANY_WRITERS && options.sync;
    if (writes.push(job) === 1) {
      if (many) gathering = setTimeout(writeAll, GATHER_MS);
      else setImmediate(writeAll);
    } else if (gathering && writes.length >= writersLast) {
      clearTimeout(gathering);
      gathering = undefined;
      setImmediate(writeAll);
    }
  }

  function readAll() {
    const jobs = reads;
    reads = [];
    for (const job of jobs) {
      job.reply = attempt(job, () => runCommand(server, job.message));
      answer(job);
    }
  }

  function writeAll() {
    readAll();
    const isAlone = performance.now() - aloneSince > ALONE_MS;
    const jobs = takeTurn(isAlone ? Number.POSITIVE_INFINITY : TURN_MS);
    gathering = undefined;
    writersLast = jobs.length;
    commit(jobs);
    for (const job of jobs) {
      const whole = job.reply && advance(job, job.reply, job.part);
      if (job.reply && !whole) writes.push(job);
      else answer({ ...job, reply: whole });
    }
    if (writes.length > 0) setImmediate(writeAll);
  }

  /** Everything small, and of the large ones what has room together; who has none comes first in the next turn. */
  function takeTurn(ms: number): Job[] {
    const waiting = writes;
    writes = [];
    let rest = ms;
    return waiting.filter((job) => {
      const size = left(job);
      job.part = size;
      if (size <= SMALL) return true;
      const least = rest === ms ? pace.least : 0;
      const isLong = pace.expected(job.message, job.from + size) > ms;
      if (isLong) rest = Math.min(rest, PART_MS);
      job.part = Math.min(size, Math.max(least, pace.room(job.message, rest)));
      rest -= pace.expected(job.message, job.part);
      if (job.part === 0) writes.push(job);
      return job.part > 0;
    });
  }

  /** A fault undoes the whole transaction, so everyone in it is then run alone, and only who failed is told so. */
  function commit(jobs: Job[]) {
    try {
      write(store, () => {
        for (const job of jobs) job.reply = refusable(job, () => runPart(job));
      });
    } catch (error) {
      if (jobs.length > 1) for (const job of jobs) commit([job]);
      else for (const job of jobs) job.reply = fault(error, options.log);
    }
  }

  function runPart(job: Job): Reply {
    const begun = performance.now();
    const reply = runCommand(server, nextPart(job, job.part));
    if (job.part > SMALL) pace.learn(job.message, job.part, performance.now() - begun);
    return reply;
  }

  function attempt(job: Job, run: () => Reply): Reply | undefined {
    try {
      return run();
    } catch (error) {
      return cut(job, error) ? undefined : fault(error, options.log);
    }
  }

  function refusable(job: Job, run: () => Reply): Reply | undefined {
    try {
      return run();
    } catch (error) {
      if (cut(job, error)) return undefined;
      const refusal = asRefusal(error);
      if (!refusal || refusal.code === 14031) throw error;
      return describeError(refusal);
    }
  }

  function cut({ connection }: Job, error: unknown): boolean {
    if (!(error instanceof ConnectionCut)) return false;
    connection.socket.destroy();
    return true;
  }

  function answer({ connection, message, reply }: Job) {
    connection.busy = false;
    if (connection.socket.destroyed) return;
    if (!message.wantsReply || !reply) return next(connection);
    const bytes = attemptEncode(reply, message, options.log);
    if (connection.socket.write(bytes)) return next(connection);
    connection.busy = true;
    connection.socket.once('drain', () => {
      connection.busy = false;
      next(connection);
    });
  }

  const tcp = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const connection: Connection = { socket, chunks: [], length: 0, busy: false };
    connections.add(connection);
    socket.setTimeout(HALF_OPEN_MS, () => connection.length > 0 && socket.destroy());
    socket.on('data', (chunk) => receive(connection, chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      halfSent -= connection.length;
      connection.length = 0;
      connections.delete(connection);
    });
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(options.port, '127.0.0.1', resolve);
  });
  const address = tcp.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  server.address = `127.0.0.1:${port}`;
  return {
    port,
    async close() {
      clearInterval(ttl);
      const closed = new Promise((resolve) => tcp.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
      await store.root.close();
    },
  };
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

function fault(error: unknown, log: (line: string) => void): Reply {
  if (!asRefusal(error)) log(`Fault: ${error instanceof Error ? error.stack : String(error)}`);
  return describeError(error);
}

function attemptEncode(reply: Reply, message: Message, log: (line: string) => void): Buffer {
  try {
    return encodeReply(reply, message);
  } catch (error) {
    return encodeReply(fault(error, log), message);
  }
}
