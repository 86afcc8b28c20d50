/** A DNS server on this machine with the records that a test gives it, over UDP (RFC 1035, as far as it is needed). */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const types: Record<string, number> = { A: 1, CNAME: 5, TXT: 16, AAAA: 28 };

export interface NameServer {
  address: string;
  /** `TXT example.com` to its values; a type that is missing has no record, `fail` answers with a failure. */
  records: Map<string, readonly string[] | 'fail' | 'silent'>;
  close(): void;
}

export async function startNames(): Promise<NameServer> {
  const records: NameServer['records'] = new Map();
  const socket = createSocket('udp4');
  socket.on('message', (asked, from) => {
    const { name, type, end } = questionOf(asked);
    const found = records.get(`${type} ${name}`) ?? [];
    if (found === 'silent') return;
    const values = found === 'fail' ? [] : found;
    const head = Buffer.from(asked.subarray(0, 12));
    head.writeUInt16BE(found === 'fail' ? 0x8182 : 0x8180, 2);
    head.writeUInt16BE(values.length, 6);
    head.fill(0, 8);
    const answers = values.map((value) => answerOf(type, value));
    socket.send(Buffer.concat([head, asked.subarray(12, end), ...answers]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${(socket.address() as AddressInfo).port}`, records, close: () => socket.close() };
}

function questionOf(asked: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = asked[at] ?? 0; length > 0; length = asked[at] ?? 0) {
    labels.push(asked.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += length + 1;
  }
  const number = asked.readUInt16BE(at + 1);
  const type = Object.keys(types).find((known) => types[known] === number) ?? String(number);
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 };
}

/** The name is a pointer to the question. */
function answerOf(type: string, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.from([0xc0, 12, 0, types[type] ?? 0, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

function dataOf(type: string, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  const pieces = type === 'TXT' ? (value.match(/.{1,255}/gs) ?? ['']) : value.split('.');
  const parts = pieces.map((piece) => Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece, 'latin1')]));
  return Buffer.concat(type === 'TXT' ? parts : [...parts, Buffer.from([0])]);
}
