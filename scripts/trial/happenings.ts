/**
 * What happens in the course of a story, by the turn: on an account, an access is lost and given back, a bill unpaid; on an
 * order, an address is corrected, and a pause outlives the time that an approval had.
 */
import type { ExampleOrder } from './examples.ts';
import type { Part } from './part.ts';
import { isAccepted, told } from './staff.ts';
import type { Team } from './work.ts';

interface Happening {
  turn: number;
  what: string;
  body: Record<string, unknown>;
  says: string;
}

const cms = 'grants/cms';
const happenings: Partial<Record<ExampleOrder['story'], Happening[]>> = {
  revoked_grant: [
    {
      ...{ turn: 1, what: cms, body: { action: 'attest', evidence: 'Signed in to the CMS as its administrator' } },
      says: 'has given access to its CMS',
    },
    {
      ...{ turn: 4, what: cms, body: { action: 'revoke', reason: 'The client has removed our user from the CMS.' } },
      says: 'has taken the access to its CMS away: its orders wait where they need it',
    },
    {
      ...{ turn: 8, what: cms, body: { action: 'attest', evidence: 'Invited again, and signed in to the CMS' } },
      says: 'has given access to its CMS again: its orders go on',
    },
  ],
  past_due: [
    {
      ...{ turn: 3, what: 'subscription', body: { status: 'past_due', reason: 'The card was refused.' } },
      says: 'has not paid: its orders and their clocks stand still',
    },
    {
      ...{ turn: 6, what: 'subscription', body: { status: 'active' } },
      says: 'has paid: its orders go on',
    },
  ],
};

/** Once for each account, however many of its orders are part of the story. */
export async function happenTo(parts: Part[], turn: number, { admin, say }: Team): Promise<void> {
  const accounts = new Map(parts.map(({ order }) => [`${order.accountId} ${order.story}`, order]));
  for (const { accountId, account, story } of accounts.values()) {
    for (const { what, body, says } of (happenings[story] ?? []).filter((one) => one.turn === turn)) {
      const answer = await admin.account(accountId, what, { once: `demo-${accountId}-${story}-${turn}`, body });
      say(isAccepted(answer) ? `account  ${account} ${says}` : `refused  ${account}, ${what}: ${told(answer)}`);
    }
  }
  for (const part of parts) {
    const change = changeOf(part, turn);
    if (change && part.id !== undefined) await carryOut(change, { part, id: part.id, turn }, { admin, say });
  }
}

interface Change {
  what: '' | '/status';
  body: Record<string, unknown>;
  says: string;
}

async function carryOut(
  { what, body, says }: Change,
  { part, id, turn }: { part: Part; id: string; turn: number },
  { admin, say }: Pick<Team, 'admin' | 'say'>,
): Promise<void> {
  const { title } = part.order;
  const answer = await admin.change(id, what, { once: `demo-${id}-${turn}`, body });
  say(isAccepted(answer) ? `staff    ${title}: ${says}` : `refused  ${title}: ${told(answer)}`);
  if (isAccepted(answer)) part.seen = await admin.order(id);
}

/** In turns, two a business day: longer than the client has to decide, which is two budgets of three business days. */
const pauseLasts = 13;

function changeOf(part: Part, turn: number): Change | undefined {
  const { contact_name: name, contact_email: email, story } = part.order;
  if (story === 'wrong_address' && turn === 2) {
    const body = {
      client: { name, email },
      reason: 'The mail server refused the address; the client told us the right one.',
    };
    return { what: '', body, says: 'the address of the client is corrected, and the form is sent there' };
  }
  if (story !== 'long_pause') return undefined;
  const isAsked = part.seen?.stages.some(({ waitingFor }) => waitingFor === 'approval');
  if (part.pausedIn === undefined && isAsked) {
    part.pausedIn = turn;
    const body = { status: 'paused', reason: 'The client has closed for the holidays.' };
    return { what: '/status', body, says: 'paused while the client is asked to approve' };
  }
  if (part.pausedIn === undefined || turn !== part.pausedIn + pauseLasts) return undefined;
  return { what: '/status', body: { status: 'active' }, says: 'resumed; the link in the old email still works' };
}
