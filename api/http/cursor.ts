/**
 * Cursors: where the next page of a list begins, sealed. The seal covers the list's filter and order too, so a cursor
 * works only for the list that gave it; what is in it is nobody's business.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { isSame } from '../../kernel/tokens.ts';
import type { Position } from '../../models/order-search.ts';

const content = z.strictObject({ v: z.string(), d: z.boolean(), id: z.string() });

export function sealCursor({ value, id }: Position, list: unknown, secret: string): string {
  const isDate = value instanceof Date;
  const text = JSON.stringify({ v: isDate ? value.toISOString() : value, d: isDate, id });
  return `${Buffer.from(text).toString('base64url')}.${seal(text, list, secret)}`;
}

/** Throws when the cursor is made up, or was given for another list. */
export function openCursor(cursor: string, list: unknown, secret: string): Position {
  const [encoded = '', given = ''] = cursor.split('.');
  const text = Buffer.from(encoded, 'base64url').toString('utf8');
  if (!isSame(seal(text, list, secret), given)) {
    throw new Refusal('invalid_request', 'The cursor belongs to a different list.', [
      {
        pointer: '/query/cursor',
        rule: 'not_ours',
        message: 'Use the `nextCursor` of a page with the same filter and sort order.',
      },
    ]);
  }
  const { v, d, id } = content.parse(JSON.parse(text));
  return { value: d ? z.coerce.date().parse(v) : v, id };
}

const seal = (text: string, list: unknown, secret: string): string =>
  createHmac('sha256', secret)
    .update(`cursor|${hashOf(list)}|${text}`)
    .digest('base64url')
    .slice(0, 22);
