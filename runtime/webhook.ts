/**
 * Signed messages after the Standard Webhooks specification. Two secrets may be active, so that one can be changed
 * without losing a message: we sign with both, and believe either.
 */
import { isUtf8 } from 'node:buffer';
import { Webhook } from 'standardwebhooks';

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

/** The message's id when one of the secrets signed exactly these bytes within the last or next five minutes. */
export function verifiedId(secrets: readonly string[], headers: MessageHeaders, raw: Buffer): string | undefined {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return undefined;
  // The library signs text: bytes that are no UTF-8 would all look alike to it.
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || !/^\d{1,12}$/.test(timestamp) || !isUtf8(raw)) return undefined;
  const given = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  return secrets.some((secret) => isSigned(secret, given, raw)) ? id : undefined;
}

function isSigned(secret: string, headers: Record<string, string>, raw: Buffer): boolean {
  try {
    new Webhook(secret).verify(raw, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}
