/**
 * Reads a stream's lines in order and says where its chain breaks. A hash covers a line and the hash before it, so an
 * edit, a deletion, a reordering or an insertion shows at the first line that no longer fits; a cut-off end shows only
 * against what somebody else remembers: the document's own head, or an anchor that was kept elsewhere.
 */
import { genesis, type HistoryLine, isIntact } from './history.ts';

/** A line as it is kept: under `<stream>:<seq>`. */
export interface KeptLine extends HistoryLine {
  _id: string;
  stream: string;
}

/** How far a stream once reached: its head is the hash of line `seq`. */
export interface Anchor {
  stream: string;
  seq: number;
  hash: string;
}

type FaultKind = 'edited' | 'deleted' | 'displaced' | 'inserted' | 'unlinked' | 'truncated' | 'replaced';

/** `line` names the first bad line: `<stream>:<seq>`. */
export interface ChainFault {
  stream: string;
  seq: number;
  line: string;
  kind: FaultKind;
  message: string;
}

/** What the document itself says of its stream; lines after `exported` need not be in the audit yet. */
export interface Remembered {
  version: number;
  head: string;
  exported: number;
  history: readonly HistoryLine[];
}

export type ChainReader = ReturnType<typeof chainReader>;

/** Takes the lines of one stream, in order of `seq`. After the first fault the rest of the stream is not judged. */
export function chainReader(stream: string, anchor?: Anchor) {
  let seq = 0;
  let head = genesis;
  let fault: ChainFault | undefined;

  return {
    take(line: KeptLine): void {
      fault ??= faultIn(line, { stream, seq, head }) ?? faultAgainst(line, anchor);
      seq = line.seq;
      head = line.hash;
    },

    /** The audit has no more lines. `remembered` is absent where the document has gone or the stream has none. */
    end(remembered?: Remembered): ChainFault | undefined {
      fault ??= remembered && faultOfLength(remembered, { stream, seq, head });
      for (const line of remembered?.history ?? []) {
        if (line.seq > seq) this.take({ ...line, _id: `${stream}:${line.seq}`, stream });
      }
      fault ??= (remembered && faultOfHead(remembered, { stream, seq, head })) ?? cutOff(anchor, { stream, seq, head });
      return fault;
    },

    anchor: (): Anchor => ({ stream, seq, hash: head }),
  };
}

interface Position {
  stream: string;
  seq: number;
  head: string;
}

function faultIn(line: KeptLine, { stream, seq: before, head }: Position): ChainFault | undefined {
  const { _id, stream: own, ...body } = line;
  const { seq } = line;
  const found = (kind: FaultKind, message: string) => faultOf({ stream, seq }, kind, message);
  if (seq > before + 1) return faultOf({ stream, seq: before + 1 }, 'deleted', `The line is missing; ${seq} follows.`);
  if (seq !== before + 1) return found('inserted', `No line belongs between ${before} and ${before + 1}.`);
  if (_id !== `${stream}:${seq}`) return found('displaced', `The line is kept under ${_id}.`);
  if (!isIntact(body)) return found('edited', 'The hash does not cover what the line says.');
  if (line.prev !== head) return found('unlinked', 'The line does not follow from the one before it.');
  return undefined;
}

function faultAgainst({ seq, hash, stream }: KeptLine, anchor?: Anchor): ChainFault | undefined {
  if (!anchor || anchor.seq !== seq || anchor.hash === hash) return undefined;
  return faultOf({ stream, seq }, 'replaced', 'The anchor remembers another line here: history was written anew.');
}

function faultOfLength({ version, exported }: Remembered, { stream, seq }: Position): ChainFault | undefined {
  if (seq > version) return faultOf({ stream, seq: version + 1 }, 'inserted', `The document ends at line ${version}.`);
  if (seq < exported) return faultOf({ stream, seq: seq + 1 }, 'truncated', `Lines up to ${exported} were exported.`);
  return undefined;
}

/** The document's own lines, exported or not, have been taken: now the chain must be at its version and its head. */
function faultOfHead({ version, head: kept }: Remembered, { stream, seq, head }: Position): ChainFault | undefined {
  if (seq < version) return faultOf({ stream, seq: seq + 1 }, 'truncated', `The document is at line ${version}.`);
  return head === kept ? undefined : faultOf({ stream, seq }, 'replaced', "The line is not the document's head.");
}

function cutOff(anchor: Anchor | undefined, { stream, seq }: Position): ChainFault | undefined {
  if (!anchor || anchor.seq <= seq) return undefined;
  return faultOf({ stream, seq: seq + 1 }, 'truncated', `The anchor remembers lines up to ${anchor.seq}.`);
}

function faultOf({ stream, seq }: { stream: string; seq: number }, kind: FaultKind, message: string): ChainFault {
  return { stream, seq, line: `${stream}:${seq}`, kind, message };
}
