/**
 * One order of a bulk operation, decided: what the action would do to it, or why it would not. Asked once when the plan
 * is made and once more when it is carried out; pure, like the commands it asks.
 */
import { type FieldError, Refusal } from '../../kernel/errors.ts';
import { changesOf, type FieldChange, guardOf } from '../engine/restored.ts';
import { run } from '../engine/run.ts';
import type { CommandContext } from '../engine/scene.ts';
import type { Change } from '../engine/unfold.ts';
import type { OrderCommand } from '../words/commands.ts';
import type { OrderState, StageState } from '../words/state.ts';
import { type BulkAction, commandFor, isAlreadySo } from './action.ts';

export type Rehearsal =
  | { verdict: 'will_change'; command: OrderCommand; change: Change; changes: FieldChange[]; guard: string }
  | { verdict: 'no_op' | 'refused'; rule: string; message: string; errors: FieldError[] };

export function rehearse(action: BulkAction, state: OrderState, asked: CommandContext): Rehearsal {
  return attempt(state, asked, () => commandFor(action, state));
}

export function attempt(state: OrderState, asked: CommandContext, commandOf: () => OrderCommand): Rehearsal {
  let command: OrderCommand | undefined;
  try {
    command = commandOf();
    const change = run(state, command, asked);
    const changes = changesOf(state, change.state);
    return { verdict: 'will_change', command, change, changes, guard: guardOf(changes) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code: rule, message, errors } = error;
    const isSo = command !== undefined && isAlreadySo(command, state, error);
    return { verdict: isSo ? 'no_op' : 'refused', rule, message, errors };
  }
}

export interface Diff {
  path: string;
  before: unknown;
  after: unknown;
}

/** The change for people: of a stage its status, round and holder; of anything else the value. */
export function diffOf({ changes, change: { state } }: Extract<Rehearsal, { verdict: 'will_change' }>): Diff[] {
  return changes.flatMap(({ path, was }) => {
    if (!path.startsWith('stages.')) return [{ path, before: was ?? null, after: plain(state, path) }];
    const current = state.stages.find(({ key }) => path === `stages.${key}`);
    return (['status', 'round', 'holder'] as const).flatMap((field) => {
      const [before, after] = [(was as StageState | undefined)?.[field], current?.[field]];
      return before === after ? [] : [{ path: `${path}.${field}`, before: before ?? null, after: after ?? null }];
    });
  });
}

const plain = (state: OrderState, path: string): unknown => state[path as keyof OrderState] ?? null;
