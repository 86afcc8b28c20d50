/** What happens on an account in the course of a story, by the turn: an access is lost and given back, a bill unpaid. */
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
}
