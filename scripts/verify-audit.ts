/**
 * `verify-audit`: is the history what it was? Exit codes: 0 it is, 1 it is not (the first bad line is named), 2 wrong
 * usage. A cut-off end of a stream whose document has gone shows only against anchors that were kept elsewhere.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import type { Anchor } from '../kernel/verify-chain.ts';
import type { AuditReport } from './audit-check.ts';

const anchorSchema = z.strictObject({
  stream: z.string(),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

const examples = `Examples:
  verify-audit                                        check every line against its chain and its document
  verify-audit --export-anchors anchors-2026-11.jsonl check, and keep where each stream ends, to be put elsewhere
  verify-audit --anchors anchors-2026-11.jsonl        check against what was kept then
  verify-audit --json                                 one JSON object, for a machine
`;

interface Options {
  mongodb: string;
  anchors?: string;
  exportAnchors?: string;
  json?: boolean;
}

const program = new Command('verify-audit')
  .description('Finds lines of history that were edited, deleted, reordered, inserted or cut off.')
  .addHelpText('beforeAll', examples)
  .addOption(new Option('--mongodb <uri>', 'the database').env('MONGODB_URI').makeOptionMandatory())
  .option('--anchors <file>', 'compare with anchors that were exported earlier')
  .option('--export-anchors <file>', 'write where every sound stream ends: one JSON line each')
  .option('--json', 'print one JSON object')
  .addHelpText('after', '\nExit codes: 0 nothing found, 1 something found, 2 wrong usage')
  .exitOverride()
  .action(async (options: Options) => {
    process.exitCode = await verify(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}

async function verify({ mongodb, anchors: file, exportAnchors, json }: Options): Promise<number> {
  const anchors = file === undefined ? [] : await readAnchors(file);
  const kept: Anchor[] = [];
  const { openModels, connectMongo, checkAudit } = await loaded();
  const connection = await connectMongo(mongodb, { waitMs: 5_000 });
  try {
    const onStream = (anchor: Anchor) => exportAnchors && kept.push(anchor);
    const begun = performance.now();
    const report = await checkAudit(openModels(connection), { anchors, onStream });
    const elapsed = (performance.now() - begun) / 1_000;
    if (exportAnchors) await writeFile(exportAnchors, kept.map((anchor) => `${JSON.stringify(anchor)}\n`).join(''));
    process.stdout.write(json ? `${JSON.stringify(asJson(report, elapsed))}\n` : inWords(report, elapsed));
    return report.faults.length === 0 ? 0 : 1;
  } finally {
    await connection.close();
  }
}

/** Only now: a question for help need not wait for the driver. */
async function loaded() {
  const parts = [import('../models/open.ts'), import('../runtime/mongo.ts'), import('./audit-check.ts')] as const;
  const [{ openModels }, { connectMongo }, { checkAudit }] = await Promise.all(parts);
  return { openModels, connectMongo, checkAudit };
}

async function readAnchors(file: string): Promise<Anchor[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line, index) => {
    const parsed = anchorSchema.safeParse(jsonOrNone(line));
    if (!parsed.success) throw new Error(`${file}:${index + 1} is no anchor.`);
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
