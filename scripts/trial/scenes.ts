/**
 * What is looked at in the course of some stories: that a refused mail blocks its order and raises an alert until the address is
 * corrected, and that a corrected address leaves a dead link at the old one. What was seen is kept with the part, so that the
 * summary says what happened and nothing else.
 */
import { visit } from './client.ts';
import { linkIn, type Mailbox } from './mailbox.ts';
import { addressOf, type Part } from './part.ts';
import { isAccepted, told } from './staff.ts';
import type { Team } from './work.ts';

interface Stage extends Team {
  mailbox: Mailbox;
}

type Played = Part & { id: string };
type Scene = (part: Played, turn: number, stage: Stage) => Promise<void>;

const scenes: Partial<Record<Part['order']['story'], Scene>> = {
  async wrong_address(part, turn, stage) {
    if (turn === 2) await seeRefusal(part, stage);
    if (turn === 3) await see(part, 'cleared', async () => (await stage.admin.alerts(part.id)).length === 0);
  },
  async corrected_address(part, turn, stage) {
    if (turn === 2) await correct(part, 'The address was that of somebody who has left.', stage);
    if (turn === 3) await see(part, 'oldLinkDied', () => isDead(part, stage));
  },
};

export async function playScenes(parts: Part[], turn: number, stage: Stage): Promise<void> {
  for (const part of parts) {
    if (part.id !== undefined) await scenes[part.order.story]?.(part as Played, turn, stage);
  }
}

/** What each story is seen to hold; a part that lacks one of them did not go as it was meant to. */
export const toBeSeen: Partial<Record<Part['order']['story'], string[]>> = {
  wrong_address: ['blocked', 'alerted', 'cleared'],
  corrected_address: ['corrected', 'oldLinkDied'],
};

async function see(part: Part, what: string, isSo: () => Promise<boolean>): Promise<void> {
  if (await isSo()) part.saw.add(what);
}

async function seeRefusal(part: Played, { admin, say }: Stage): Promise<void> {
  const why = await admin.why(part.id);
  const alerts = await admin.alerts(part.id);
  if (/refused/i.test(why)) part.saw.add('blocked');
  if (alerts.some(({ kind }) => kind === 'mail-undelivered')) part.saw.add('alerted');
  say(`blocked  ${part.order.title}: ${why}`);
  for (const { kind, what } of alerts) say(`alert    ${part.order.title}: ${kind}: ${what}`);
}

async function correct(part: Played, reason: string, { admin, say }: Stage): Promise<void> {
  const client = { name: part.order.contact_name, email: addressOf(part.order) };
  const answer = await admin.change(part.id, '', { once: `demo-${part.id}-address`, body: { client, reason } });
  if (isAccepted(answer)) part.saw.add('corrected');
  say(
    `${isAccepted(answer) ? 'staff   ' : 'refused '} ${part.order.title}: the client’s address is corrected${isAccepted(answer) ? '' : `: ${told(answer)}`}`,
  );
}

/** The link in the mail to the old address, opened after the address was corrected. */
async function isDead(part: Part, { mailbox, say }: Stage): Promise<boolean> {
  const link = firstLink(mailbox, part.order.contact_email);
  const page = link === undefined ? undefined : await visit(link);
  say(`client   ${part.order.title}: the old link is answered ${page ? page.status : 'not at all, as it never came'}`);
  return page !== undefined && page.status >= 400;
}

const firstLink = (mailbox: Mailbox, address: string): string | undefined =>
  mailbox.mails.filter(({ to }) => to === address).flatMap((mail) => linkIn(mail) ?? [])[0];
