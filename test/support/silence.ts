/** What happens while nobody does anything: every timer rings when it is due, one after another. */

import { run } from '../../workflows/engine/run.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Effect } from '../../workflows/words/effects.ts';
import type { OrderState, Timer } from '../../workflows/words/state.ts';
import { asking, orderworks } from './given.ts';

export type Tell = Extract<Effect, { type: 'tell' }>;
export interface Silence {
  state: OrderState;
  tells: (Tell & { at: Date })[];
}

/** Carries on until no timer runs any more. */
export function untilNothingRings(begun: OrderState): Silence {
  const tells: Silence['tells'] = [];
  let state = begun;
  for (let rung = 0; rung < 100; rung += 1) {
    const next = nextTimer(state);
    if (!next) return { state, tells };
    const change = run(state, commandOf(next), asking(orderworks, undefined, next.at));
    tells.push(...tellsOf(change.effects).map((tell) => ({ ...tell, at: next.at })));
    state = change.state;
  }
  throw new Error('The timers ring for ever.');
}

export const tellsOf = (effects: Effect[]): Tell[] => effects.filter((effect) => effect.type === 'tell');

export function nextTimer({ timers = {} }: OrderState): Required<Timer> | undefined {
  const running = Object.values(timers).filter((timer): timer is Required<Timer> => timer.at !== undefined);
  return running.sort((one, other) => one.at.getTime() - other.at.getTime())[0];
}

export const commandOf = ({ command, seq }: Required<Timer>): OrderCommand => ({ ...command, seq }) as OrderCommand;
