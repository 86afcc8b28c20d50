/** Words that many routes share: ids, reasons, times, and the headers of the conventions. */
import { z } from 'zod';
import { textUpTo } from '../../workflows/validators/text.ts';

export const id = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,120}$/, 'Use an id of at most 120 letters, digits, `_`, `.` and `-`.');

export const reason = textUpTo(1_000).min(1, 'Enter a reason.');

export const time = z.iso.datetime();

export const stageKey = z.string().regex(/^[a-z0-9_]{1,64}$/, 'Use the key of a stage, such as intake.');

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
    .regex(/^[\x21-\x7e]{8,200}$/, 'Use 8 to 200 visible ASCII characters without spaces, such as a UUID.')
    .optional()
    .describe('Repeating a request with the same key has no further effect.'),
});

export const changeHeaders = commandHeaders.extend({
  'if-match': z.string().max(40).optional().describe('The ETag of the order as you read it, or `*`. Required.'),
});

export const accountHeaders = commandHeaders.extend({
  'if-match': z
    .string()
    .max(40)
    .optional()
    .describe('The ETag of the account as you read it; omit it to accept any version.'),
});

export const iso = (date: Date): string => date.toISOString();
export const isoOrNone = (date: Date | undefined | null): string | undefined => date?.toISOString();
