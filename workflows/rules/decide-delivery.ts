/** The rule of what became of a mail: it is taken in once, by the stage and the round that the mail was for. */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { mailOf } from '../words/mails.ts';
import { stillThere } from './guards.ts';

export function recordDelivery(scene: Scene, command: Command<'record-delivery'>): Happening[] {
  const { stage, round, mail, seq, outcome, about, rung, said } = command;
  const known = mailOf(stillThere(scene, stage, round).current, { about, rung });
  if (!known) throw new Refusal('superseded', `"${stage}" has no such reminder any more.`);
  const { to, delivery } = known;
  if (delivery?.mail === mail && (delivery.seq >= seq || delivery.outcome === outcome)) {
    throw new Refusal('superseded', 'What became of the mail is known already.');
  }
  const reminder = { ...(about !== undefined && { about }), ...(rung !== undefined && { rung }) };
  const event = { type: 'delivery-recorded', stage, round, mail, seq, outcome, to, ...reminder } as const;
  return [{ event, ...(said !== undefined && { note: said }) }];
}
