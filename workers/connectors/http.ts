/**
 * Asks an endpoint that knows the access: the agency's own token service, or the platform. It may answer by its status
 * alone, as RFC 7662 does (`active`), or in the words of Google's manager links (`status`). No token is sent from here.
 */
import { z } from 'zod';
import { AddressRefused, httpGuard, NoAnswer, type OutsideAnswer } from '../../runtime/http-guard.ts';
import type { Finding } from '../../workflows/accounts/state.ts';
import type { Connector, Look } from './connector.ts';

const strict = httpGuard();

const answer = z.object({
  active: z.boolean().optional(),
  status: z.string().toUpperCase().optional(),
});

export const lookOverHttp: Connector<'http'> = async ({ probe: { url }, ports: { outside = strict }, signal }) => {
  try {
    const given = await outside.call({ method: 'GET', url, headers: { accept: 'application/json' } }, signal);
    return meaningOf(given);
  } catch (error) {
    if (error instanceof AddressRefused) return { finding: 'unreachable', says: `It is not called: ${error.message}` };
    if (error instanceof NoAnswer) return { finding: 'unreachable', says: error.message };
    throw error;
  }
};

const words: Record<string, Finding> = {
  ACTIVE: 'granted',
  PENDING: 'missing',
  REFUSED: 'refused',
  CANCELED: 'missing',
  CANCELLED: 'missing',
  INACTIVE: 'missing',
};

function meaningOf({ status, body }: OutsideAnswer): Look {
  const says = `The endpoint answered ${status}.`;
  if ([401, 403, 404, 410].includes(status)) return { finding: 'missing', says };
  if (status < 200 || status >= 300) return { finding: 'unreachable', says };
  const { active, status: word } = parsed(body) ?? {};
  const finding = word === undefined ? undefined : words[word];
  if (finding) return { finding, says: `The endpoint says ${word}.` };
  if (active !== undefined) return { finding: active ? 'granted' : 'missing', says: `It says active: ${active}.` };
  return { finding: 'granted', says };
}

function parsed(body: string): z.output<typeof answer> | undefined {
  try {
    return answer.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
