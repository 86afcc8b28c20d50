/** The headers of a signed message whose body need not be text: the library that we sign with takes text alone. */
import { createHmac } from 'node:crypto';
import { systemClock } from '../../kernel/time.ts';

export function headersOfBytes(secret: string, id: string, body: Buffer): Record<string, string> {
  const at = String(Math.floor(systemClock.now().getTime() / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
}
