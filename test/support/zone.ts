/** A DNS server of a test: a zone of TXT and CNAME records that it may change, or fall silent about, over real UDP. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { afterAll } from 'vitest';

export interface Zone {
  /** `127.0.0.1:<port>`. */
  server: string;
  /** Records by `TXT name` or `CNAME name`. */
  records: Map<string, string[]>;
  /** While it is true, every question is answered with SERVFAIL. */
  isBroken: boolean;
  asked: number;
}

const types: Record<number, string> = { 5: 'CNAME', 16: 'TXT' };

export async function aZone(): Promise<Zone> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  afterAll(() => socket.close());
  const zone: Zone = { server: `127.0.0.1:${socket.address().port}`, records: new Map(), isBroken: false, asked: 0 };
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    zone.asked += 1;
    socket.send(answerTo(query, zone), from.port, from.address);
  });
  return zone;
}

/** One question, answered from the zone; a name that is not there is NXDOMAIN. */
function answerTo(query: Buffer, { records, isBroken }: Zone): Buffer {
  const { name, end, type } = questionIn(query);
  const found = isBroken ? [] : (records.get(`${types[type]} ${name}`) ?? []);
  const code = isBroken ? 2 : found.length === 0 ? 3 : 0;
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(found.length, 6);
  const answers = found.map((value) => {
    const data = type === 16 ? textOf(value) : nameOf(value);
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc00c, 0);
    fixed.writeUInt16BE(type, 2);
    fixed.writeUInt16BE(1, 4);
    fixed.writeUInt16BE(data.length, 10);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([head, query.subarray(12, end), ...answers]);
}

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** Long texts travel in pieces of at most 255 bytes. */
function textOf(text: string): Buffer {
  const pieces = text.match(/.{1,200}/gs) ?? [''];
  return Buffer.concat(pieces.map((piece) => Buffer.from([piece.length, ...Buffer.from(piece)])));
}
