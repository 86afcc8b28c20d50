/**
 * Frames of the wire protocol: OP_MSG, and OP_QUERY for the first hello of older clients. A frame that lies about its
 * length or its parts throws, and its connection is closed: after that nothing on it can be trusted.
 */
import { BSON, Long } from 'bson';
import { type Doc, decode, decodeExact, encode, hasExact } from './codec.ts';

export const MAX_MESSAGE = 48_000_000;
export const HEADER = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

export interface Message {
  requestId: number;
  opCode: number;
  body: Doc;
  /** Documents sent beside the body, as they came. */
  sequences: Map<string, Buffer[]>;
  wantsReply: boolean;
  /** The rest of a command that was begun before. */
  isContinued?: boolean;
}

/** Documents go out as they rest in the store: they are not decoded only to be encoded again. */
export interface Batch {
  batch: Buffer[];
  field: 'firstBatch' | 'nextBatch';
  id: number;
  ns: string;
}

export type Reply = Doc | Batch;

export function parseMessage(frame: Buffer): Message {
  const requestId = frame.readInt32LE(4);
  const opCode = frame.readInt32LE(12);
  if (opCode === OP_MSG) return { requestId, opCode, ...parseMsg(frame) };
  if (opCode === OP_QUERY) return { requestId, opCode, ...parseQuery(frame) };
  throw new Error(`Op code ${opCode} is not spoken here.`);
}

export function encodeReply(reply: Reply, { requestId, opCode }: Message): Buffer {
  const body = isBatch(reply) ? encodeBatch(reply) : encode(reply);
  const isQuery = opCode === OP_QUERY;
  const head = Buffer.alloc(isQuery ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  if (isQuery) head.writeInt32LE(8, 16);
  if (isQuery) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}

function isBatch(reply: Reply): reply is Batch {
  return Array.isArray(reply['batch']) && typeof reply['field'] === 'string';
}

function parseMsg(frame: Buffer): Pick<Message, 'body' | 'sequences' | 'wantsReply'> {
  const flags = frame.readUInt32LE(16);
  if (flags & 0xfffc & ~0x10000) throw new Error('The message has a required flag that is not known here.');
  const end = frame.length - (flags & 1 ? 4 : 0);
  const sequences = new Map<string, Buffer[]>();
  let body: Doc | undefined;
  let at = 20;
  while (at < end) {
    const kind = frame[at++];
    const size = sizeAt(frame, at, end);
    if (kind === 0) {
      if (body) throw new Error('The message has two bodies.');
      body = decodeBody(frame.subarray(at, at + size));
    } else if (kind === 1) parseSequence(frame.subarray(at, at + size), sequences);
    else throw new Error(`Section kind ${kind} is not known.`);
    at += size;
  }
  if (!body) throw new Error('The message has no body.');
  return { body, sequences, wantsReply: (flags & 2) === 0 };
}

/** What is to be written keeps its types of numbers; filters and options are simpler without. */
function decodeBody(bytes: Buffer): Doc {
  const body = decode(bytes);
  const written = ['documents', 'updates', 'update'].filter((field) => typeof body[field] === 'object');
  if (written.length === 0 || !hasExact(bytes)) return body;
  const exact = decodeExact(bytes);
  return { ...body, ...Object.fromEntries(written.map((field) => [field, exact[field]])) };
}

function parseSequence(section: Buffer, sequences: Map<string, Buffer[]>): void {
  const zero = section.indexOf(0, 4);
  if (zero < 0) throw new Error('A section has no name.');
  const documents: Buffer[] = [];
  let at = zero + 1;
  while (at < section.length) {
    const size = sizeAt(section, at, section.length);
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  sequences.set(section.toString('utf8', 4, zero), documents);
}

function sizeAt(bytes: Buffer, at: number, end: number): number {
  if (at + 4 > end) throw new Error('The message ends in the middle of a document.');
  const size = bytes.readInt32LE(at);
  if (size < 5 || at + size > end) throw new Error('A document of the message lies about its length.');
  return size;
}

function parseQuery(frame: Buffer): Pick<Message, 'body' | 'sequences' | 'wantsReply'> {
  const zero = frame.indexOf(0, 20);
  if (zero < 0) throw new Error('The query has no name.');
  const at = zero + 9;
  const size = sizeAt(frame, at, frame.length);
  const body = decode(frame.subarray(at, at + size));
  const db = frame.toString('utf8', 20, zero).split('.')[0];
  return { body: { ...body, $db: db }, sequences: new Map(), wantsReply: true };
}

/** `{cursor: {<field>: [documents], id, ns}, ok: 1}`, written by hand around the documents' own bytes. */
function encodeBatch({ batch, field, id, ns }: Batch): Buffer {
  const elements = batch.flatMap((document, i) => [Buffer.from(`\x03${i}\0`, 'latin1'), document]);
  const array = enclose(elements);
  const rest = BSON.serialize({ id: Long.fromNumber(id), ns }).subarray(4, -1);
  const cursor = enclose([Buffer.from(`\x04${field}\0`, 'latin1'), array, rest]);
  const ok = BSON.serialize({ ok: 1 }).subarray(4, -1);
  return enclose([Buffer.from('\x03cursor\0', 'latin1'), cursor, ok]);
}

function enclose(parts: Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 5);
  const head = Buffer.alloc(4);
  head.writeInt32LE(size);
  return Buffer.concat([head, ...parts, Buffer.alloc(1)], size);
}
