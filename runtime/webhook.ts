/**
 * Signed messages after the Standard Webhooks specification. Two secrets may be active, so that one can be changed
 * without losing a message: we sign with both, and believe either.
 */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '../kernel/time.ts';
import { isSame } from '../kernel/tokens.ts';

/** The headers that make `body` ours. The id is also the key by which the receiver knows a repetition. */
export function signedHeaders(
  secrets: readonly string[],
  { id, at, body }: { id: string; at: Date; body: string },
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

export type MessageHeaders = Record<string, string | string[] | undefined>;

const tolerance = 5 * 60;

/**
 * The message's id when one of the secrets signed exactly these bytes within the last or next five minutes. The library
 * signs text, to which all bytes that are no UTF-8 look alike; a mail may have any, so bytes are compared here.
 */
export function verifiedId(secrets: readonly string[], headers: MessageHeaders, raw: Buffer): string | undefined {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(systemClock.now().getTime() / 1_000 - Number(timestamp)) > tolerance) return undefined;
  const given = signature.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  const isOurs = keysOf(secrets).some((key) => {
    const ours = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest('base64');
    return given.some((one) => isSame(ours, one));
  });
  return isOurs ? id : undefined;
}

/** A secret of nothing signs nothing. */
const keysOf = (secrets: readonly string[]): Buffer[] =>
  secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).filter(({ length }) => length > 0);
