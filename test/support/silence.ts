/** What happens while nobody does anything: every timer rings when it is due, one after another, and every mail arrives. */

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
    const told = tellsOf(change.effects);
    tells.push(...told.map((tell) => ({ ...tell, at: next.at })));
    state = told.reduce((order, tell) => delivered(order, tell, next.at), change.state);
  }
  throw new Error('The timers ring for ever.');
}

/** The order once it has heard that the mail went out; as it is, where the mail says nothing of a rung. */
function delivered(order: OrderState, { stage, round, about, rung }: Tell, at: Date): OrderState {
  if (about === undefined || rung === undefined) return order;
  const mail = `mail-${stage}-${round}-${about}-${rung}`;
  const command = { type: 'record-delivery', stage, round, mail, seq: 1, outcome: 'delivered', about, rung } as const;
  return run(order, command, asking(orderworks, undefined, at)).state;
}

export const tellsOf = (effects: Effect[]): Tell[] => effects.filter((effect) => effect.type === 'tell');

export function nextTimer({ timers = {} }: OrderState): Required<Timer> | undefined {
  const running = Object.values(timers).filter((timer): timer is Required<Timer> => timer.at !== undefined);
  return running.sort((one, other) => one.at.getTime() - other.at.getTime())[0];
}

export const commandOf = ({ command, seq }: Required<Timer>): OrderCommand => ({ ...command, seq }) as OrderCommand;
