/** Words that many routes share: ids, reasons, times, and the headers of the conventions. */
import { z } from 'zod';

export const id = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,120}$/, 'Give an id: at most 120 letters, digits, `_`, `.` and `-`.');

export const reason = z.string().trim().min(1, 'Say why, in a sentence.').max(1_000);

export const time = z.iso.datetime();

export const stageKey = z.string().regex(/^[a-z0-9_]{1,64}$/, 'Give the key of a stage, such as intake.');

export const orderPath = z.strictObject({ id });

export const accountPath = z.strictObject({ id });

export const tokenPath = z.strictObject({
  token: z.string().min(1).max(200),
});

/** Headers are never strict: proxies and clients add their own. */
export const waitHeaders = z.object({
  prefer: z.string().max(200).optional().describe('`wait=n`: wait up to n seconds (30 at most) for the outcome.'),
});

export const commandHeaders = waitHeaders.extend({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{8,200}$/, 'Give 8 to 200 visible ASCII characters without spaces; a UUID is good.')
    .optional()
    .describe('The same key with the same body is the same request, however often it is sent.'),
});

export const changeHeaders = commandHeaders.extend({
  'if-match': z.string().max(40).optional().describe('The ETag of the order as it was read, or `*`. Required.'),
});

export const accountHeaders = commandHeaders.extend({
  'if-match': z.string().max(40).optional().describe('The ETag of the account as it was read; any version without it.'),
});

export const iso = (date: Date): string => date.toISOString();
export const isoOrNone = (date: Date | undefined | null): string | undefined => date?.toISOString();
