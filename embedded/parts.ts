/**
 * A command that writes many documents, in parts: between two of them others have their turn. That is nobody's loss, as
 * each document of a command stands or falls by itself; the answers of the parts are put together as one.
 */
import type { Doc } from './codec.ts';
import type { Message, Reply } from './wire.ts';

const FIELDS: Record<string, string> = { insert: 'documents', update: 'updates', delete: 'deletes' };
/** More than this a command may not hold; it is refused as a whole. */
const MOST = 100_000;
/** Documents of a large command that are written in one turn. */
const PART = 250;

/** A message on its way: what is still to be run of it, and what its parts have answered. */
export interface Progress {
  message: Message;
  from: number;
  answers: { from: number; reply: Reply }[];
}

export function isLarge({ message, from }: Progress): boolean {
  const count = all(message)?.length ?? 1;
  return count <= MOST && count - from > PART;
}

export function nextPart({ message, from }: Progress): Message {
  const documents = all(message);
  if (!documents || documents.length > MOST || documents.length <= PART) return message;
  const sequences = new Map(message.sequences).set(fieldOf(message), documents.slice(from, from + PART));
  return { ...message, sequences, isContinued: from > 0 };
}

/** Takes in the answer of a part; gives the whole answer when there is nothing left to run. */
export function advance(progress: Progress, reply: Reply): Reply | undefined {
  const { ok, writeErrors } = reply as Doc;
  const { message, answers } = progress;
  const stops = ok !== 1 || (writeErrors !== undefined && message.body['ordered'] !== false);
  const more = isLarge(progress) && !stops;
  answers.push({ from: progress.from, reply });
  progress.from += PART;
  if (more) return undefined;
  return answers.length === 1 || ok !== 1 ? reply : joined(answers);
}

function joined(parts: Progress['answers']): Doc {
  const answers = parts.map(({ from, reply }) => ({ from, reply: reply as Doc }));
  const sum = (field: string) => answers.reduce((total, { reply }) => total + Number(reply[field] ?? 0), 0);
  const lists = (field: string): Doc[] =>
    answers.flatMap(({ from, reply }) =>
      ((reply[field] ?? []) as Doc[]).map((one) => ({ ...one, index: Number(one['index']) + from })),
    );
  const [upserted, writeErrors] = [lists('upserted'), lists('writeErrors')];
  const { n, nModified, upserted: _1, writeErrors: _2, ok, ...rest } = answers[0]?.reply ?? {};
  return {
    n: sum('n'),
    ...(nModified !== undefined && { nModified: sum('nModified') }),
    ...(upserted.length > 0 && { upserted }),
    ...(writeErrors.length > 0 && { writeErrors }),
    ...rest,
    ok: 1,
  };
}

const fieldOf = ({ body }: Message): string => FIELDS[Object.keys(body)[0] ?? ''] ?? '';
const all = (message: Message): Buffer[] | undefined => message.sequences.get(fieldOf(message));
