/**
 * Commands from services that only reach Redis. Anybody who does can add a job, so each command is signed with the
 * service's API key; only the hash of its secret, which both sides have, is used. Saying a command twice is saying it
 * once: its `id` is what the Idempotency-Key is over HTTP.
 */
import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { sha256 } from '../kernel/ids.ts';
import { isSame } from '../kernel/tokens.ts';
import { orderCommand } from '../workflows/words/commands.ts';
import { defineQueue, idempotent } from './contract.ts';

const id = z.string().regex(/^[A-Za-z0-9_.-]{1,120}$/);

export const signedCommand = z.strictObject({
  key: z.string().regex(/^[a-z0-9]{12}$/),
  id: z.string().regex(/^[\x21-\x7e]{8,200}$/),
  account: id.optional(),
  order: id.optional(),
  command: orderCommand,
  reason: z.string().trim().min(1).max(1_000).optional(),
  signature: z.string().regex(/^[0-9a-f]{64}$/),
});

export type SignedCommand = z.output<typeof signedCommand>;
export type UnsignedCommand = Omit<z.input<typeof signedCommand>, 'key' | 'signature'>;

export const intake = defineQueue('intake', { command: idempotent(signedCommand) });

/** What to add to the queue `intake` under the job name `command`. `apiKey` is the whole key, `ow_…_…`. */
export function signCommand(apiKey: string, unsigned: UnsignedCommand): SignedCommand {
  const [, key = '', ...secret] = apiKey.split('_');
  const said = signedCommand.omit({ signature: true }).parse({ ...unsigned, key });
  return { ...said, signature: signatureOf(said, sha256(secret.join('_'))) };
}

/** `secretHash` is what the database keeps of the key. */
export function isSignedBy({ signature, ...said }: SignedCommand, secretHash: string): boolean {
  return isSame(signatureOf(said, secretHash), signature);
}

const signatureOf = (said: Omit<SignedCommand, 'signature'>, secretHash: string): string =>
  createHmac('sha256', secretHash)
    .update(`intake|${canonicalize(said)}`)
    .digest('hex');
