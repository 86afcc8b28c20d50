/**
 * Reads the whole audit beside the documents it came from and collects what does not fit. Others may be writing
 * meanwhile: a fault only counts when the stream, read again by itself while its document stood still, shows it too.
 */
import { type Anchor, type ChainFault, type ChainReader, chainReader } from '../kernel/verify-chain.ts';
import { type RememberedStream, rememberedStream, rememberedStreams } from '../models/audit-streams.ts';
import type { Models } from '../models/open.ts';

export interface AuditReport {
  lines: number;
  streams: number;
  faults: ChainFault[];
}

type Ports = Pick<Models, 'audit' | 'streams'>;

const rereads = 20;

/** Faults come in the order of streams and lines: the first is the first bad line. `onStream` is told where each ends. */
export async function checkAudit(
  { audit, streams }: Ports,
  { anchors = [], onStream }: { anchors?: Anchor[]; onStream?: (anchor: Anchor) => void } = {},
): Promise<AuditReport> {
  const anchored = new Map(anchors.map((anchor) => [anchor.stream, anchor]));
  const documents = rememberedStreams(streams);
  const suspects: string[] = [];
  const report: AuditReport = { lines: 0, streams: 0, faults: [] };
  let document = await next(documents);
  let reader: ChainReader | undefined;
  let at = '';

  for await (const line of audit.scan()) {
    report.lines += 1;
    if (line.stream !== at) {
      await close();
      await skipTo(line.stream);
      at = line.stream;
      reader = chainReader(at, anchored.get(at));
    }
    reader?.take(line);
  }
  await close();
  await skipTo(undefined);
  for (const stream of [...new Set([...suspects, ...anchored.keys()])].sort()) {
    const fault = await recheck(
      { audit, streams },
      stream,
      anchors.find((anchor) => anchor.stream === stream),
    );
    if (fault) report.faults.push(fault);
  }
  return report;

  async function close(): Promise<void> {
    if (!reader) return;
    report.streams += 1;
    const own = document?.stream === at ? document : undefined;
    if (reader.end(own)) suspects.push(at);
    else onStream?.(reader.anchor());
    if (own) document = await next(documents);
    anchored.delete(at);
    reader = undefined;
  }

  /** Documents before `stream` have no line in the audit: fine while nothing of theirs was exported. */
  async function skipTo(stream: string | undefined): Promise<void> {
    while (document && (stream === undefined || document.stream < stream)) {
      if (chainReader(document.stream).end(document)) suspects.push(document.stream);
      document = await next(documents);
    }
  }
}

async function next(documents: AsyncGenerator<RememberedStream>): Promise<RememberedStream | undefined> {
  return (await documents.next()).value ?? undefined;
}

/** The verdict on one stream, read while nobody wrote to it. */
async function recheck({ audit, streams }: Ports, stream: string, anchor?: Anchor): Promise<ChainFault | undefined> {
  let fault: ChainFault | undefined;
  for (let read = 1; read <= rereads; read += 1) {
    const before = await rememberedStream(streams, stream);
    const reader = chainReader(stream, anchor);
    for (let from = 0; ; ) {
      const lines = await audit.read(stream, from, 1_000);
      for (const line of lines) reader.take(line);
      if (lines.length < 1_000) break;
      from = (lines.at(-1)?.seq ?? from) + 1;
    }
    const after = await rememberedStream(streams, stream);
    fault = reader.end(after);
    if (!fault || before?.version === after?.version) return fault;
  }
  return fault;
}
