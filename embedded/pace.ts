/**
 * How many documents a turn has room for: told from how long those of the same kind took before. An update of orders may
 * cost ten times as much as a line of the audit, and a turn is to take as long for either.
 */
import type { Message } from './wire.ts';

/** In ms, for what has not been seen yet. */
const UNKNOWN = 0.3;
/** Fewer are not worth a part of their own. */
const LEAST = 4;

export function newPace() {
  const costs = new Map<string, number>();
  const cost = (message: Message) => costs.get(kindOf(message)) ?? UNKNOWN;

  return {
    /** What so many documents of a command will take, in ms. */
    expected: (message: Message, count: number): number => count * cost(message),

    /** How many have room in so many ms. */
    room(message: Message, ms: number): number {
      const count = Math.floor(ms / cost(message));
      return count < LEAST ? 0 : count;
    },

    /** Takes in what `count` documents took. One that was slow by chance counts half. */
    learn(message: Message, count: number, ms: number): void {
      costs.set(kindOf(message), (cost(message) + ms / count) / 2);
    },

    least: LEAST,
  };
}

function kindOf({ body }: Message): string {
  const [[command, collection] = []] = Object.entries(body);
  return `${command} ${String(collection)}`;
}
