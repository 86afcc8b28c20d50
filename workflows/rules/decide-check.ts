/**
 * Rules of what is looked at outside. A check is asked for under a number; what comes back under another one is void. All
 * looks must hold; one that fails stops the stage for a person, and one that nobody could tell is looked at again. A few
 * later tries are made by themselves, further and further apart. What is done and is found missing is only believed when it
 * is missing again hours later: pages are away for a moment, and going back is dear.
 */
import { Refusal } from '../../kernel/errors.ts';
import { days, hours, minutes } from '../../kernel/time.ts';
import type { Scene } from '../engine/scene.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isExcepted } from '../words/exceptions.ts';
import { type Look, type Looked, matched, shortcomings } from '../words/looks.ts';
import { isOpen, type StageState } from '../words/state.ts';
import { askedFor, looksAt, requireIdle } from './ask-check.ts';
import { completed, sentBack } from './decide-stage.ts';
import { type At, leaveWith, lookAt, openStage } from './guards.ts';

/** When it is looked at again by itself after the first time; then it is a person's. */
const laterTries = [minutes(5), hours(1), hours(6), days(1), days(3)];

/** How long what was done must have been missing before it is done again. */
const confirmAfter = hours(6);

/** A look again: asked for by a person, or due. */
export function recheckStage(scene: Scene, command: Command<'recheck-stage'>): Happening[] {
  const { stage: key, round } = command;
  if (round !== undefined) return recheckDue(scene, key, round);
  const { stage, current } = lookAt(scene, key);
  if (current.status !== 'done' || !stage.lookAgain) openStage(scene, command);
  if (stage.check) return checkedNow(scene, { stage, current }, stage.check(scene.state));
  if (!stage.looks) throw new Refusal('wrong_gate', `"${key}" has nothing to check outside.`);
  if (!current.check) throw new Refusal('stage_not_ready', `"${key}" is checked after it has been completed.`);
  requireIdle(scene, current);
  return [{ event: askedFor(key, current) }];
}

export function recordCheck(scene: Scene, command: Command<'record-check'>): Happening[] {
  const { stage: key, round, attempt } = command;
  const { stage, current } = lookAt(scene, key);
  const isAwaited =
    current.round === round && current.check?.attempt === attempt && current.check.isUnderway && !current.blocked;
  if (!isAwaited || !(isOpen(current) || current.status === 'done')) {
    throw new Refusal('superseded', `Nobody waits for check ${attempt} of "${key}" in round ${round} any more.`);
  }
  const looks = looksAt(stage, scene.state, current.data ?? {});
  if (looks.length === 0 && !stage.finds) throw new Refusal('superseded', `"${key}" has no data to check.`);
  const { results, wait = 0 } = command;
  const seen = { looks, looked: matched(looks, results), wait };
  const counted = withoutExcepted(current, seen);
  const verdicts = counted.looked.map(({ verdict }) => verdict);
  if (verdicts.includes('fails')) return failed(scene, { stage, current }, counted);
  return verdicts.includes('unknown') ? unsettled(scene, current, counted) : held(scene, { stage, current }, seen);
}

/** What an exception was granted for does not count any more. */
function withoutExcepted({ exception }: StageState, { looks, looked, wait }: Seen): Seen {
  const counts = (_: unknown, index: number) => !isExcepted(exception, looked[index]?.look ?? '');
  return { looks: looks.filter(counts), looked: looked.filter(counts), wait };
}

interface Seen {
  looks: readonly Look[];
  looked: Looked[];
  /** How long a site wants to be left alone, in ms. */
  wait: number;
}

/** Only the timer knows a round; a person's look again goes by what holds for people. */
function recheckDue(scene: Scene, key: string, round: number): Happening[] {
  if (scene.asked.actor.type !== 'system') {
    const message = 'Leave the round out: the stage is looked at in the one it is in.';
    throw new Refusal('invalid_request', `Only a timer names a round of "${key}".`, [
      { pointer: '/round', rule: 'not_offered', message },
    ]);
  }
  const { current } = lookAt(scene, key);
  const { check } = current;
  if (current.round !== round || !check || check.isUnderway || !(isOpen(current) || current.status === 'done')) {
    throw new Refusal('superseded', `"${key}" is not to be looked at in round ${round} any more.`);
  }
  return [{ event: askedFor(key, current, check.againAt ? check.tries + 1 : 0) }];
}

/** A check over the order alone needs nobody to go and look. */
function checkedNow({ asked }: Scene, at: At, faults: readonly { message: string }[]): Happening[] {
  if (faults.length === 0) return [completed(at, { by: asked.actor.id, data: {} })];
  const words = faults.map(({ message }) => message).join(' ');
  throw new Refusal('stage_not_ready', `The check of "${at.stage.key}" still fails. ${words}`);
}

function held(scene: Scene, at: At, { looked }: Seen): Happening[] {
  const { stage, current } = at;
  const passed = { event: { type: 'check-passed', ...about(current) } as const, looked };
  if (current.status === 'done') return [passed];
  const { asked, state } = scene;
  if (!stage.finds) return [passed, completed(at, { by: current.doer ?? asked.actor.id, data: current.data ?? {} })];
  try {
    const data = leaveWith(at, state, { data: stage.finds(looked, state), under: '/data' });
    return [passed, completed(at, { by: asked.actor.id, data })];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const rules = ['exit_data_invalid'];
    return [{ event: { type: 'check-failed', ...about(current), rules }, note: error.message, looked }];
  }
}

/** What was done and does not hold any more, twice and hours apart, is done again, from where the stage goes back to. */
function failed(scene: Scene, { stage, current }: At, seen: Seen): Happening[] {
  const note = shortcomings(seen.looked);
  const event = { type: 'check-failed', ...about(current), rules: rulesOf(seen) } as const;
  const beside = { note, looked: seen.looked };
  if (current.status !== 'done') return [{ event: { ...event, again: againOf(current, scene, seen) }, ...beside }];
  const missedAt = current.check?.missedAt ?? scene.asked.at;
  const confirmed = missedAt.getTime() + confirmAfter;
  if (scene.asked.at.getTime() < confirmed) {
    const again = new Date(confirmed).toISOString();
    return [{ event: { type: 'check-doubted', ...about(current), rules: rulesOf(seen), again }, looked: seen.looked }];
  }
  const [to] = stage.backTo;
  if (!to) throw new Error(`"${stage.key}" is looked at again, but goes back nowhere.`);
  return [{ event, ...beside }, sentBack(scene, { from: stage.key, to, note })];
}

/** What nobody can tell is no fault yet; when the tries are used up, a person has to see. What is done stays done. */
function unsettled(scene: Scene, current: StageState, seen: Seen): Happening[] {
  const { looked } = seen;
  const again = againOf(current, scene, seen);
  if (again) return [{ event: { type: 'check-unsettled', ...about(current), rules: rulesOf(seen), again }, looked }];
  const event = { type: 'check-failed', ...about(current), rules: rulesOf(seen) } as const;
  return [{ event, note: shortcomings(looked), looked }];
}

function againOf({ status, check }: StageState, { asked }: Scene, seen: Seen): string | undefined {
  const wait = laterTries[check?.tries ?? 0] ?? (status === 'done' ? laterTries.at(-1) : undefined);
  return wait === undefined ? undefined : new Date(asked.at.getTime() + Math.max(wait, seen.wait)).toISOString();
}

const about = ({ key, round, check }: StageState) => ({ stage: key, round, attempt: check?.attempt ?? 0 });

/** Which kinds of look do not hold; the words of it rest in the order's state. */
const rulesOf = ({ looks, looked }: Seen): string[] => [
  ...new Set(looks.filter((_, index) => looked[index]?.verdict !== 'holds').map(({ look }) => look)),
];
