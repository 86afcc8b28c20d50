/**
 * Asks an endpoint that knows the access: the agency's own token service, or the platform. It may answer by its status
 * alone, as RFC 7662 does (`active`), or in the words of Google's manager links (`status`). No token is sent from here.
 */
import { z } from 'zod';
import { retryAfter } from '../../kernel/retry-after.ts';
import { days } from '../../kernel/time.ts';
import { httpGuard, type OutsideAnswer } from '../../runtime/http-guard.ts';
import { AddressRefused, NoAnswer } from '../../runtime/no-answer.ts';
import type { Finding } from '../../workflows/accounts/state.ts';
import { requireSound } from '../../workflows/words/sound.ts';
import type { Connector, Look } from './connector.ts';

const strict = httpGuard();
const longestWait = days(1);

const answer = z.object({
  active: z.boolean().optional(),
  status: z
    .string()
    .toUpperCase()
    .regex(/^[A-Z_ -]{1,40}$/)
    .optional(),
});

export const lookOverHttp: Connector<'http'> = async ({
  probe: { url },
  ports: { outside = strict, clock },
  signal,
}) => {
  try {
    const given = await outside.call({ method: 'GET', url, headers: { accept: 'application/json' } }, signal);
    const wait = retryAfter(given.headers['retry-after'], { now: clock.now(), most: longestWait });
    return { ...meaningOf(given), ...(wait !== undefined && { wait }) };
  } catch (error) {
    if (error instanceof AddressRefused) return { finding: 'unreachable', says: `It is not called: ${error.message}` };
    if (error instanceof NoAnswer) return { finding: 'unreachable', says: error.message };
    throw error;
  }
};

const words = new Map<string, Finding>([
  ['ACTIVE', 'granted'],
  ['OK', 'granted'],
  ['PENDING', 'missing'],
  ['REFUSED', 'refused'],
  ['CANCELED', 'missing'],
  ['CANCELLED', 'missing'],
  ['INACTIVE', 'missing'],
  ['REVOKED', 'missing'],
  ['EXPIRED', 'missing'],
]);

function meaningOf({ status, body }: OutsideAnswer): Look {
  const says = `The endpoint answered ${status}.`;
  if ([401, 403, 404, 410].includes(status)) return { finding: 'missing', says };
  if (status < 200 || status >= 300) return { finding: 'unreachable', says };
  const { active, status: word } = parsed(body) ?? {};
  if (word !== undefined) {
    const finding = words.get(word);
    const meaning = finding ? '' : ', and what that means is not known here';
    return { finding: finding ?? 'unreachable', says: `The endpoint says ${word}${meaning}.` };
  }
  if (active !== undefined) return { finding: active ? 'granted' : 'missing', says: `It says active: ${active}.` };
  return { finding: 'granted', says };
}

function parsed(body: string): z.output<typeof answer> | undefined {
  try {
    const said: unknown = JSON.parse(body);
    requireSound(said);
    return answer.safeParse(said).data;
  } catch {
    return undefined;
  }
}
