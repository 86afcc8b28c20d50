/** Rules of a form: asking the client for it, taking it in, and the review that accepts it or returns single answers. */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { entered } from '../engine/follow.ts';
import type { Scene } from '../engine/scene.ts';
import type { Data } from '../graph/stage.ts';
import type { Stage } from '../graph/workflow.ts';
import type { Command } from '../words/commands.ts';
import type { Flag } from '../words/effects.ts';
import type { Happening } from '../words/events.ts';
import { oneOf } from '../words/messages.ts';
import { closedChanges, closedFields, revisionOf } from '../words/revision.ts';
import { completed } from './decide-stage.ts';
import { type At, hashOfData, leaveWith, openStage, requireReader, requireReason, stillThere } from './guards.ts';

/**
 * A further link is only made once the last one is known, so that asking twice mails once. It goes to whom the last one went,
 * unless somebody else is named.
 */
export function issueLink(scene: Scene, command: Command<'issue-link'>): Happening[] {
  const { stage: key, recipient, tracking } = command;
  const { current } = openStage(scene, command);
  if (current.status !== 'waiting') throw new Refusal('stage_finished', `The form of "${key}" has been submitted.`);
  if (!current.link) throw new Refusal('request_underway', `A link for "${key}" is already being made.`);
  return [{ event: { type: 'link-requested', stage: key, round: current.round }, recipient, tracking }];
}

export function recordLink(scene: Scene, { stage: key, round, link, to }: Command<'record-link'>): Happening[] {
  const at = stillThere(scene, key, round);
  requireReader(scene, at, to);
  const { current } = at;
  if (current.link === link) throw new Refusal('superseded', 'The link is already recorded.');
  return [{ event: { type: 'link-recorded', stage: key, round, link } }];
}

export function submitForm(scene: Scene, command: Command<'submit-form'>): Happening[] {
  const { stage: key, round, link, response, answers, opened = [] } = command;
  const at = openStage(scene, command);
  if (at.current.status !== 'waiting') throw new Refusal('stage_finished', `The form of "${key}" has been submitted.`);
  if (at.current.round !== round)
    throw new Refusal('superseded', `The form is asked for anew, in round ${at.current.round}.`);
  const data = leaveWith(at, scene.state, { data: answers, under: '/answers' });
  requireClosedSame(at, data, opened);
  const revision = revisionOf(at.current, data, opened);
  const changed = [...new Set(revision?.changes.map(({ field }) => field))];
  const event = { type: 'form-submitted', stage: key, round, link, response, hash: hashOfData(data) } as const;
  return [{ event: { ...event, ...(changed.length > 0 && { changed }) }, data, ...(revision && { revision }) }];
}

export function reviewForm(scene: Scene, command: Command<'review-form'>): Happening[] {
  const { stage: key, decision, fields = [] } = command;
  const at = openStage(scene, command);
  if (at.current.status !== 'in_review')
    throw new Refusal('stage_not_ready', `The form of "${key}" has not been submitted.`);
  if (decision === 'approve') return [completed(at, { by: scene.asked.actor.id, data: at.current.data ?? {} })];

  const note = fields.length > 0 ? scene.asked.reason : requireReason(scene.asked, 'return a form');
  requireKnownFields(at.stage, fields);
  const names = fields.map(({ field }) => field);
  return [
    { event: { type: 'form-returned', stage: key, round: at.current.round, fields: names } },
    { event: entered(scene, at.stage, at.current.round + 1), flags: fields, note },
  ];
}

/** An answer that was accepted is not changed by the way. */
function requireClosedSame({ stage, current }: At, data: Data, opened: readonly string[]): void {
  const closed = closedFields(stage.exit, current, opened);
  const errors = closedChanges(closed, current.data ?? {}, data);
  if (errors.length === 0) return;
  const named = errors.map((error) => ({ ...error, pointer: `/answers${error.pointer}` }));
  const words = named.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  throw new Refusal('exit_data_invalid', `Answers that nobody asked to change differ. ${words}`, named);
}

function requireKnownFields({ exit }: Stage, fields: Flag[]): void {
  if (!(exit instanceof z.ZodObject)) return;
  const known = Object.keys(exit.shape);
  const errors = fields.flatMap(({ field }, index) =>
    known.includes(field)
      ? []
      : [{ pointer: `/fields/${index}/field`, rule: 'not_offered', message: `Use ${oneOf(known)}.` }],
  );
  if (errors.length > 0) throw new Refusal('invalid_request', 'The form has no such field.', errors);
}
