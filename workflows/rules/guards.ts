/** The conditions that several rules share; each returns what it looked for, or throws the refusal. */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { CommandContext, Scene } from '../engine/scene.ts';
import { readerOf, sameMailbox } from '../gates/reader.ts';
import { stageOf } from '../graph/paths.ts';
import type { Data } from '../graph/stage.ts';
import type { Stage } from '../graph/workflow.ts';
import type { StageCommand } from '../words/commands.ts';
import { missingFor } from '../words/facts.ts';
import { parseOr } from '../words/field-errors.ts';
import { isOver, type OrderState, type StageState, stateOf } from '../words/state.ts';

/** A stage as the workflow declares it and as the order has it. */
export interface At {
  stage: Stage;
  current: StageState;
}

export function lookAt({ workflow, state }: Scene, key: string, pointer?: string): At {
  const stage = stageOf(workflow, key, pointer);
  return { stage, current: stateOf(state, key) };
}

/** The stage, which must be open and whose gate must take the command. */
export function openStage(scene: Scene, command: Pick<StageCommand, 'type' | 'stage'>): At {
  return requireOpen(scene, stageFor(scene, command).stage.key);
}

/** The stage, whose gate must take the command; it may be open or not. */
export function stageFor(scene: Scene, { type, stage: key }: Pick<StageCommand, 'type' | 'stage'>): At {
  const at = lookAt(scene, key);
  const { gate, gateRules } = at.stage;
  if (gateRules.takes.includes(type)) return at;
  throw new Refusal('wrong_gate', `Stage "${key}" has the gate "${gate}": ${gateRules.wayOut}`);
}

/** The stage, which must be open, whatever its gate. */
export function requireOpen(scene: Scene, key: string): At {
  const at = lookAt(scene, key);
  if (isOver(at.current)) throw new Refusal('stage_finished', `Stage "${key}" is ${at.current.status} already.`);
  if (at.current.status === 'locked') throw notReady(scene, at.stage);
  requireFacts(scene, at);
  return at;
}

/** For what the system itself asked for: when the stage or its round has moved on, there is nothing left to do. */
export function stillThere(scene: Scene, key: string, round: number): At {
  const at = lookAt(scene, key);
  if (at.current.round !== round || isOver(at.current) || at.current.status === 'locked') {
    throw new Refusal(
      'superseded',
      `Stage "${key}" is ${at.current.status} in round ${at.current.round}, not open in ${round}.`,
    );
  }
  return at;
}

/** What was made for an address that the stage no longer asks is not recorded. */
export function requireReader({ state }: Scene, { stage, current }: At, to: string | undefined): void {
  const reader = readerOf(stage, state, current);
  if (to === undefined || !current.reader || !reader || sameMailbox(reader, { ...reader, email: to })) return;
  throw new Refusal('superseded', `"${stage.key}" asks somebody else by now.`);
}

export function requireFacts({ state }: Scene, { stage, current }: At): void {
  if (!current.blocked) return;
  const missing = missingFor(state, stage).map((need) => need.missing);
  throw new Refusal('stage_not_ready', `Stage "${stage.key}" is blocked. ${missing.join(' ')}`);
}

/** Nothing that is known elsewhere may contradict that the stage is done. */
export function requireNoObjection(scene: Scene, { stage }: At): void {
  const objection = stage.gateRules.objection?.(scene, stage);
  if (objection) throw new Refusal('stage_not_ready', `Stage "${stage.key}" is not done. ${objection}`);
}

/** What is opened again must not be over at once, by what is known elsewhere. */
export function requireLasting(scene: Scene, key: string): void {
  const { stage } = lookAt(scene, key);
  const end = stage.gateRules.endsByItself?.(scene, stage);
  if (end) throw new Refusal('stage_not_reachable', `Stage "${key}" would be over again at once. ${end.because}`);
}

export function requireReason({ reason }: CommandContext, what: string): string {
  if (reason?.trim()) return reason.trim();
  throw new Refusal('reason_required', `To ${what} takes a reason.`, [
    { pointer: '/reason', rule: 'required', message: 'Enter a reason.' },
  ]);
}

/** The data as the stage's schema understands them, once its rules hold as well. */
export function leaveWith(at: At, state: OrderState, given: { data: Data; under: string }): Data {
  const { exit, rules, key } = at.stage;
  const data = exit ? parseOr(exit, given.data, { code: 'exit_data_invalid', under: given.under }) : {};
  const errors = rules.flatMap((rule) => rule({ data, state }));
  if (errors.length === 0) return data;
  const named = errors.map((error) => ({ ...error, pointer: given.under + error.pointer }));
  const words = named.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  throw new Refusal('exit_data_invalid', `Stage "${key}" cannot be left with these data. ${words}`, named);
}

export const hashOfData = (data: Data): string => hashOf(data);

function notReady({ state }: Scene, stage: Stage): Refusal {
  const before = stage.after.filter((key) => !isOver(stateOf(state, key)));
  return new Refusal('stage_not_ready', `Stage "${stage.key}" waits for ${before.join(' and ')}.`);
}
