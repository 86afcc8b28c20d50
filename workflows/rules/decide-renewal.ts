/** The rule of a page that has expired while its stage still waits: its reader asks for another. */
import { Refusal } from '../../kernel/errors.ts';
import { askedAnew } from '../engine/follow.ts';
import type { Scene } from '../engine/scene.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { requireOpen, requireReader } from './guards.ts';

/** A link is made anew in its round, an approval under a new one, as when staff ask again. */
export function renewPage(scene: Scene, { stage: key, round, recipient }: Command<'renew-page'>): Happening[] {
  const { stage, current } = requireOpen(scene, key);
  const { page } = stage.gateRules;
  if (!page) throw new Refusal('wrong_gate', `Stage "${key}" has no page: ${stage.gateRules.wayOut}`);
  if (scene.asked.actor.type !== 'client') throw new Refusal('forbidden', 'Only the client asks for another page.');
  if (current.status !== 'waiting') throw new Refusal('stage_finished', `"${key}" was answered already.`);
  if (current.round !== round) throw new Refusal('superseded', `"${key}" is in round ${current.round} by now.`);
  if (!current[page]) throw new Refusal('request_underway', `A page for "${key}" is being made already.`);
  requireReader(scene, { stage, current }, recipient.email);
  return [{ ...askedAnew(scene, stage), recipient }];
}
