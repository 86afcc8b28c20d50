/**
 * A CSV body as the request it stands for: the ids of its column `order`; the action and the reason are in the query.
 * And the other way: what became of each order, streamed, with nothing in it that a spreadsheet would take for a formula.
 */
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify';
import type { FastifyRequest } from 'fastify';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import type { Page } from '../../models/bulk-items.ts';
import { validatorCompiler } from '../http/validate.ts';
import { mostIds, planQuery } from '../schemas/bulk.ts';

export const mostBytes = 4 * 1024 * 1024;
const piece = 64 * 1024;
const idPattern = /^[A-Za-z0-9_.-]{1,120}$/;

export async function bodyOfCsv(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  const { action, reason, agency } = queryOf(request);
  return { action, reason, ...(agency !== undefined && { agency }), ids: await idsOf(bytes) };
}

/** The query is only validated after the body is read, which is too late here. */
function queryOf({ query }: FastifyRequest): { action?: unknown; reason?: unknown; agency?: unknown } {
  const validate = validatorCompiler({ schema: planQuery, method: 'POST', url: '', httpPart: 'querystring' });
  const { error, value } = validate(query) as { error?: Error; value?: Record<string, unknown> };
  if (error) throw error;
  return value ?? {};
}

async function idsOf(bytes: Buffer): Promise<string[]> {
  const records = Readable.from(pieces(asUtf8(bytes))).pipe(
    parse({ bom: true, columns: headed, trim: true, skip_empty_lines: true, info: true }),
  );
  const ids: string[] = [];
  const wrong: FieldError[] = [];
  try {
    for await (const { record, info } of records as AsyncIterable<{
      record: { order: string };
      info: { lines: number };
    }>) {
      if (!idPattern.test(record.order)) wrong.push(fault(`line_${info.lines}`, `Line ${info.lines} has no order id.`));
      ids.push(record.order);
      if (ids.length > mostIds) throw new Refusal('payload_too_large', `Send at most ${mostIds} orders.`);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unreadable('not_csv', error instanceof Error ? error.message : String(error));
  }
  if (wrong.length > 0) throw new Refusal('invalid_request', wrong[0]?.message ?? '', wrong);
  if (ids.length === 0) throw unreadable('empty', 'The file has a header but no rows. Put one order on each line.');
  return ids;
}

function asUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('not_utf8', 'The file is not UTF-8; save it as "CSV UTF-8".');
  }
}

function headed(names: string[]): string[] {
  if (names.includes('order')) return names;
  const known = names.map((name) => `"${name}"`).join(', ');
  throw unreadable('missing_column', `The file needs a column "order". It has: ${known}.`);
}

/** In pieces, so that other requests are served in between. */
function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += piece) yield text.slice(at, at + piece);
}

const fault = (rule: string, message: string): FieldError => ({ pointer: '/order', rule, message });
const unreadable = (rule: string, message: string): Refusal =>
  new Refusal('invalid_request', message, [{ pointer: '', rule, message }]);

const columns = ['order', 'verdict', 'rule', 'outcome', 'code', 'message', 'line'] as const;

export function resultCsv(pages: AsyncIterable<Page>): Readable {
  const rows = stringify({ header: true, columns: [...columns], escape_formulas: true });
  return Readable.from(itemsOf(pages)).pipe(rows);
}

async function* itemsOf(pages: AsyncIterable<Page>): AsyncGenerator<Record<string, unknown>> {
  for await (const { items } of pages) {
    for (const item of items) yield { ...item, outcome: item.outcome ?? 'open' };
  }
}
