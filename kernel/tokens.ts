/**
 * Tokens of links: computed, never stored. The same link in the same generation always has the same token, so that a mail
 * sent again carries the same address; the database only knows its hash. Whatever seals or secrets are compared, here or
 * elsewhere, is compared by `isSame`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256 } from './ids.ts';

export type TokenKind = 'link' | 'approval';

export interface TokenSubject {
  kind: TokenKind;
  id: string;
  generation: number;
}

/** 43 characters that fit into a URL as they are. */
export function tokenFor(secret: string, { kind, id, generation }: TokenSubject): string {
  return createHmac('sha256', secret).update(`${kind}|${id}|${generation}`).digest('base64url');
}

/** What is stored of a token, and what it is looked up by. */
export const tokenHash = (token: string): string => sha256(token);

/** Takes equally long wherever two texts of one length differ. Lengths are compared in bytes: `é` is two. */
export function isSame(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
