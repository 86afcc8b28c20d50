/**
 * `verify-audit`: is the history what it was? It leaves with 1 when it is not, and names the first bad line of each
 * stream. A cut-off end of a stream whose document has gone shows only against anchors that were kept elsewhere.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Anchor } from '../kernel/verify-chain.ts';
import type { AuditReport } from './audit-check.ts';
import { type DatabaseOptions, onDatabase, withDatabase } from './command-line/database.ts';
import { codeOf, Failure } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { print } from './command-line/terminal.ts';

const anchorSchema = z.strictObject({
  stream: z.string(),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

const examples = `
  verify-audit                                        check every line against its chain and its document
  verify-audit --export-anchors anchors-2026-11.jsonl check, and keep where each stream ends, to be put elsewhere
  verify-audit --anchors anchors-2026-11.jsonl        check against what was kept then
  verify-audit --json                                 one JSON object, for a machine
`;

interface Options extends DatabaseOptions {
  anchors?: string;
  exportAnchors?: string;
  json?: boolean;
}

const program = script('verify-audit', {
  description: 'Finds lines of history that were edited, deleted, reordered, inserted or cut off.',
  examples,
});
withDatabase(program)
  .option('--anchors <file>', 'compare with anchors that were exported earlier')
  .option('--export-anchors <file>', 'write where every sound stream ends: one JSON line each')
  .option('--json', 'print one JSON object')
  .action(verify);

async function verify(options: Options): Promise<void> {
  const { anchors: file, exportAnchors, json } = options;
  const anchors = file === undefined ? [] : await readAnchors(file);
  const kept: Anchor[] = [];
  await onDatabase(options, async (models) => {
    const { checkAudit } = await import('./audit-check.ts');
    const onStream = (anchor: Anchor) => exportAnchors && kept.push(anchor);
    const begun = performance.now();
    const report = await checkAudit(models, { anchors, onStream });
    const elapsed = (performance.now() - begun) / 1_000;
    if (exportAnchors) await writeFile(exportAnchors, kept.map((anchor) => `${JSON.stringify(anchor)}\n`).join(''));
    await print(json ? `${JSON.stringify(asJson(report, elapsed))}\n` : inWords(report, elapsed));
    process.exitCode = codeOf(report.faults.length === 0 ? 'ok' : 'failed');
  });
}

async function readAnchors(file: string): Promise<Anchor[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line, index) => {
    const parsed = anchorSchema.safeParse(jsonOrNone(line));
    if (!parsed.success) throw new Failure('usage', `${file}:${index + 1} is no anchor.`);
    return parsed.data;
  });
}

function jsonOrNone(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asJson({ lines, streams, faults }: AuditReport, elapsed: number) {
  const seconds = Math.round(elapsed * 1_000) / 1_000;
  return { ok: faults.length === 0, lines, streams, seconds, perSecond: Math.round(lines / elapsed), faults };
}

function inWords({ lines, streams, faults }: AuditReport, elapsed: number): string {
  const found = faults.map(({ line, kind, message }) => `${line}  ${kind}: ${message}\n`).join('');
  const read = `${lines} lines of ${streams} streams read in ${elapsed.toFixed(1)} s`;
  return faults.length === 0 ? `Sound: ${read}.\n` : `${found}${faults.length} streams are not sound; ${read}.\n`;
}

await run(program);
