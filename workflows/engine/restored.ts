/**
 * The values of an order that a change touched, one by one: a field of the state, or one stage of it. What follows from
 * others (the ball, due times, loads), what only ever grows (ledger, timers, facts, milestones, overrides), the clocks and
 * the last word with the client are left out: they are never put back.
 */
import { hashOf } from '../../kernel/ids.ts';
import type { OrderState, StageState } from '../words/state.ts';

/** `was` is absent where there was nothing; `written` is the hash of what the change put there. */
export interface FieldChange {
  path: string;
  was?: unknown;
  written: string;
}

const neverPutBack: readonly string[] = [
  ...['lastActivityAt', 'stage', 'holder', 'holderSince', 'slaDueAt', 'ledger', 'timers', 'facts', 'milestones'],
  ...['overrides', 'calendar', 'calendarSeq', 'stages', 'load', 'lastContactAt', 'isInactive', 'exceptions'],
];
const ofStage = 'stages.';

/** Whether an order that has these fields put back may have missed something: a label says nothing of where it stands. */
export const isMoved = ({ fields }: { fields: readonly string[] }): boolean =>
  fields.some((path) => path === 'status' || path.startsWith(ofStage));

export function changesOf(before: OrderState, after: OrderState): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const fields = names.filter((name) => !neverPutBack.includes(name));
  const keys = [...new Set([...before.stages, ...after.stages].map(({ key }) => key))];
  const stages = keys.filter((key) => !isUntouched(stageOf(before, key), stageOf(after, key)));
  return [...fields, ...stages.map((key) => ofStage + key)].flatMap((path) => {
    const [was, current] = [valueAt(before, path), valueAt(after, path)];
    if (isSame(path, was, current)) return [];
    return [{ path, ...(was !== undefined && { was }), written: hashOfValue(path, current) }];
  });
}

/** Most stages are only copied: nothing of them has to be hashed. */
function isUntouched(before: StageState | undefined, after: StageState | undefined): boolean {
  if (!before || !after) return before === after;
  const names = Object.keys(after) as (keyof StageState)[];
  return names.every((name) => name === 'clock' || before[name] === after[name]);
}

const stageOf = ({ stages }: OrderState, key: string) => stages.find((stage) => stage.key === key);

/** What the values were that a change would write over: equal as long as the change would be the same. */
export const guardOf = (changes: readonly FieldChange[]): string =>
  hashOf(changes.map(({ path, was }) => [path, hashOfValue(path, was)])).slice(0, 24);

/** Whether what a change wrote still stands. */
export const stillStands = (state: OrderState, { path, written }: Pick<FieldChange, 'path' | 'written'>): boolean =>
  hashOfValue(path, valueAt(state, path)) === written;

function valueAt(state: OrderState, path: string): unknown {
  if (!path.startsWith(ofStage)) return state[path as keyof OrderState];
  const stage = stageOf(state, path.slice(ofStage.length));
  return stage && withoutClock(stage);
}

/** What was mailed about a stage, and answers that came late, are noted there afterwards and change nothing of what was written. */
function hashOfValue(path: string, value: unknown): string {
  if (!path.startsWith(ofStage) || value === undefined) return hashOf(value ?? null).slice(0, 24);
  const { link: _, approval: __, reminders: ___, delivery: ____, late: _____, ...stage } = value as StageState;
  return hashOf(stage).slice(0, 24);
}

/** The state with these values put back; a stage keeps the clock that it has by now, and an answer that came late. */
export function restore(state: OrderState, values: readonly { path: string; was?: unknown }[]): OrderState {
  const next: Record<string, unknown> = { ...state };
  for (const { path, was } of values.filter((value) => !value.path.startsWith(ofStage))) {
    if (was === undefined) delete next[path];
    else next[path] = was;
  }
  const stages = state.stages.map((stage) => {
    const value = values.find(({ path }) => path === ofStage + stage.key);
    if (!value?.was) return stage;
    const { clock, late } = stage;
    return { ...(value.was as StageState), ...(clock && { clock }), ...(late && { late }) };
  });
  return { ...(next as unknown as OrderState), stages };
}

function isSame(path: string, one: unknown, other: unknown): boolean {
  if (one === other || JSON.stringify(one) === JSON.stringify(other)) return true;
  return hashOfValue(path, one) === hashOfValue(path, other);
}

/** What an undo leaves in the history of the values it puts back: where the order and its stages stand, and no words. */
export function standingOf(values: readonly { path: string; was?: unknown }[]): { path: string; was?: unknown }[] {
  return values.flatMap(({ path, was }) => {
    if (was === undefined) return [{ path }];
    if (path === 'status') return [{ path, was }];
    if (!path.startsWith(ofStage)) return [];
    const { key, gate, status, round, holder, waitingFor, blocked } = was as StageState;
    return [{ path, was: { key, gate, status, round, holder, waitingFor, blocked } }];
  });
}

function withoutClock({ clock: _, ...stage }: StageState): Omit<StageState, 'clock'> {
  return stage;
}
