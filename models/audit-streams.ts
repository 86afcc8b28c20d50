/**
 * What the documents themselves remember of their streams, in the audit's own order, so that both can be read side by
 * side. The release before removed links some time after their date; their streams stay without a document.
 */
import type { Remembered } from '../kernel/verify-chain.ts';
import type { Envelope } from './aggregate.ts';
import type { Stream } from './stream.ts';

export interface RememberedStream extends Remembered {
  stream: string;
}

const wanted = { version: 1, head: 1, exported: 1, history: 1 };

/** The order of streams is that of their names, and `.` ends a collection's part of a name. */
export async function* rememberedStreams(streams: Stream<Envelope>[]): AsyncGenerator<RememberedStream> {
  const sorted = [...streams].sort((one, other) => (one.streamOf('') < other.streamOf('') ? -1 : 1));
  for (const stream of sorted) {
    const documents = stream.documents.find<Envelope>({}, { projection: wanted }).sort({ _id: 1 }).batchSize(200);
    for await (const document of documents) yield asRemembered(document, stream);
  }
}

export async function rememberedStream(
  streams: Stream<Envelope>[],
  name: string,
): Promise<RememberedStream | undefined> {
  const stream = streams.find(({ streamOf }) => name.startsWith(streamOf('')));
  const found = stream && (await stream.get(name.slice(stream.streamOf('').length)));
  return stream && found ? asRemembered(found, stream) : undefined;
}

function asRemembered(
  { _id, version, head, exported, history }: Envelope,
  { streamOf }: Stream<Envelope>,
): RememberedStream {
  return { stream: streamOf(_id), version, head, exported, history };
}
