/** What becomes of each line of a file: told on stdout line by line, counted, and, where it is rejected, kept in a file. */
import { open, rm } from 'node:fs/promises';
import { z } from 'zod';
import type { FieldError } from '../../kernel/errors.ts';
import { csvLine } from '../../runtime/csv-cells.ts';
import { harmless, paint, print } from '../command-line/terminal.ts';

export type Verdict = { line: number } & (
  | { verdict: 'would_create'; account: string; title: string }
  | { verdict: 'duplicate'; of: number }
  | { verdict: 'created' | 'known'; order: string; job: string }
  | { verdict: 'rejected'; errors: FieldError[] }
);

export const countsSchema = z.strictObject({
  ...{ created: z.int(), known: z.int(), would_create: z.int(), duplicate: z.int(), rejected: z.int() },
});
export type Counts = z.infer<typeof countsSchema>;

export const noCounts = (): Counts => ({
  ...{ created: 0, known: 0, would_create: 0, duplicate: 0, rejected: 0 },
});

export const tellerFor = (json: boolean) => (verdict: Verdict) =>
  print(json ? `${JSON.stringify(verdict)}\n` : `line ${verdict.line}: ${inWords(verdict)}\n`);

function inWords(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'would_create':
      return harmless(`would be created for ${verdict.account}: ${verdict.title}`);
    case 'duplicate':
      return `same as line ${verdict.of}; no second order would be created`;
    case 'created':
      return `${verdict.order} is accepted`;
    case 'known':
      return `${verdict.order} was accepted before; no second one is made`;
    case 'rejected':
      return `${paint('red', 'rejected')}: ${verdict.errors.map(faultInWords).join(' ')}`;
  }
}

const faultInWords = ({ pointer, rule, message }: FieldError): string =>
  harmless(`${fieldIn(pointer) || 'the line'} (${rule}): ${message}`);

/** `/command/client/email` as the file's `client.email`. */
const fieldIn = (pointer: string): string => pointer.replace(/^\/(command\/)?/, '').replaceAll('/', '.');

export interface Rejects {
  readonly bytes: number;
  add(line: number, errors: FieldError[]): Promise<void>;
  close(): Promise<void>;
}

/** A file of what was rejected and what would pass; there only where something was. Goes on after `bytes` of an earlier run. */
export async function openRejects(path: string, bytes: number): Promise<Rejects> {
  if (bytes === 0) await rm(path, { force: true });
  let file = bytes > 0 ? await open(path, 'r+', 0o600) : undefined;
  await file?.truncate(bytes);
  let at = bytes;
  const append = async (text: string) => {
    file ??= await open(path, 'w', 0o600);
    at += (await file.write(text, at, 'utf8')).bytesWritten;
  };
  return {
    get bytes() {
      return at;
    },
    async add(line, errors) {
      if (at === 0) await append(csvLine(['line', 'field', 'rule', 'what_would_pass']));
      for (const { pointer, rule, message } of errors) await append(csvLine([line, fieldIn(pointer), rule, message]));
    },
    async close() {
      await file?.sync();
      await file?.close();
    },
  };
}
