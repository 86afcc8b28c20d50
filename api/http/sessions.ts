/**
 * The cookie of a browser that signed in to the queue board. It names a session on the server and says nothing about
 * rights: session and key are looked up at every request, so that signing out or revoking the key ends it at once.
 */
import { hours } from '../../kernel/time.ts';

export const sessionLifetime = hours(8);
const name = 'ow_session';

/** The Set-Cookie header of a new session. */
export const sessionCookie = (token: string, secure: boolean): string =>
  cookie(token, { seconds: sessionLifetime / 1_000, secure });

/** Has the browser forget its session. */
export const endedCookie = (secure: boolean): string => cookie('', { seconds: 0, secure });

function cookie(value: string, { seconds, secure }: { seconds: number; secure: boolean }): string {
  return `${name}=${value}; Path=/admin; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/** What could be the token of a session in a Cookie header. */
export const tokenInCookie = (header: string | undefined): string | undefined =>
  /(?:^|;\s*)ow_session=([\w-]{43})(?:;|$)/.exec(header ?? '')?.[1];
