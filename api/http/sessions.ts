/**
 * Signing in to the queue board with a browser: a cookie that names a key and an end, sealed. It says nothing about
 * rights: the key is looked up at every request, so that a revoked key ends its sessions too.
 */
import { createHmac } from 'node:crypto';
import { type Clock, hours } from '../../kernel/time.ts';
import { isSame } from '../../kernel/tokens.ts';

const lifetime = hours(8);
const name = 'ow_session';

/** The Set-Cookie header of a new session. */
export function sessionCookie(
  key: string,
  clock: Clock,
  { secret, secure }: { secret: string; secure: boolean },
): string {
  const content = `${key}.${clock.now().getTime() + lifetime}`;
  const flags = `Path=/admin; Max-Age=${lifetime / 1_000}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${name}=${content}.${seal(content, secret)}; ${flags}`;
}

/** Ends the session in the browser that asks. */
export const endedCookie = (secure: boolean): string =>
  `${name}=; Path=/admin; Max-Age=0; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

/** The id of the key that the cookie names, or undefined when there is no good one. */
export function keyInCookie(header: string | undefined, clock: Clock, secret: string): string | undefined {
  const [, key = '', until = '', given = ''] =
    /(?:^|;\s*)ow_session=([a-z0-9]+)\.(\d+)\.([\w-]+)/.exec(header ?? '') ?? [];
  const isOurs = isSame(seal(`${key}.${until}`, secret), given);
  return isOurs && Number(until) > clock.now().getTime() ? key : undefined;
}

const seal = (content: string, secret: string): string =>
  createHmac('sha256', secret).update(`session|${content}`).digest('base64url');
