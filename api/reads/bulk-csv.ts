/**
 * A CSV body as the request it stands for: the ids of its column `order` or `id`; the action and the reason are in the query.
 * And the other way: what became of each order, streamed, with nothing in it that a spreadsheet would take for a formula.
 */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import type { Page } from '../../models/bulk-items.ts';
import { type Cell, csvLine } from '../../runtime/csv-cells.ts';
import { rowsIn, UnreadableCsv } from '../../runtime/csv-rows.ts';
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
  let column = '';
  const onColumns = (names: string[]) => {
    column = ['order', 'id'].find((name) => names.includes(name)) ?? '';
    if (column === '') throw missingColumn(names);
  };
  const beginning = new TextDecoder().decode(bytes.subarray(0, piece));
  const ids: string[] = [];
  const wrong: FieldError[] = [];
  try {
    for await (const { line, record, errors = [] } of rowsIn(pieces(bytes), { beginning, longest: piece, onColumns })) {
      const id = record?.[column]?.trim() ?? '';
      wrong.push(...errors.map(({ message }) => fault(`line_${line}`, `Line ${line}: ${message}`)));
      if (record && !idPattern.test(id)) wrong.push(fault(`line_${line}`, `Line ${line} has no order id.`));
      ids.push(id);
      if (ids.length > mostIds) throw new Refusal('payload_too_large', `Send at most ${mostIds} orders.`);
    }
  } catch (error) {
    if (error instanceof UnreadableCsv) throw unreadable('not_csv', `The file can't be read: ${error.message}`);
    throw error;
  }
  if (wrong.length > 0) throw new Refusal('invalid_request', wrong[0]?.message ?? '', wrong);
  if (ids.length === 0) throw unreadable('empty', 'The file has a header but no rows. Put one order on each line.');
  return ids;
}

function missingColumn(names: string[]): Refusal {
  const known = names.map((name) => `"${name}"`).join(', ');
  return unreadable('missing_column', `The file needs a column "order" or "id". It has: ${known}.`);
}

/** In pieces of whole characters, so that other requests are served in between. */
function* pieces(bytes: Buffer): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += piece) {
      yield decoder.decode(bytes.subarray(at, at + piece), { stream: true });
    }
    yield decoder.decode();
  } catch {
    throw unreadable('not_utf8', 'The file is not UTF-8; save it as "CSV UTF-8".');
  }
}

const fault = (rule: string, message: string): FieldError => ({ pointer: '/order', rule, message });
const unreadable = (rule: string, message: string): Refusal =>
  new Refusal('invalid_request', message, [{ pointer: '', rule, message }]);

const columns = ['order', 'verdict', 'rule', 'outcome', 'code', 'message', 'line'] as const;

export const resultCsv = (pages: AsyncIterable<Page>): Readable => Readable.from(linesOf(pages));

async function* linesOf(pages: AsyncIterable<Page>): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const { items } of pages) {
    for (const item of items) {
      const cells: Record<string, Cell> = { ...item, outcome: item.outcome ?? 'open' };
      yield csvLine(columns.map((name) => cells[name]));
    }
  }
}
