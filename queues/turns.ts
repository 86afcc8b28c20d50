/**
 * Whose turn is when among the commands that others put into Redis: in each turn every account has a share, and so has
 * every sender, however many of its accounts ask. What comes later in the same turn comes after, so that each account's
 * commands keep their order. Start-time fair queueing, with whole turns for its virtual time.
 */
export interface Lane {
  /** The API key that signed; empty for what nobody signed, which shares one lane. */
  sender: string;
  account: string;
}

/** Commands in one turn. */
export const shares = { account: 20, sender: 200 };

/** BullMQ's highest priority number. */
const lastTurn = 2_097_151;

export type Turns = ReturnType<typeof newTurns>;

export function newTurns() {
  /** For each lane, how many commands there were up to now, counted as if it had always used its share. */
  const ofLane = new Map<string, number>();
  /** For each sender and turn, how many commands of its accounts wanted that turn. */
  const ofSender = new Map<string, { turn: number; count: number }>();

  return {
    /** The turn of the next command of a lane, while `current` is the turn that is being served; turns begin with 1. */
    next({ sender, account }: Lane, current: number): number {
      const lane = JSON.stringify([sender, account]);
      const before = Math.max(current * shares.account, ofLane.get(lane) ?? 0);
      ofLane.set(lane, before + 1);
      const turn = Math.floor(before / shares.account);
      const inTurn = JSON.stringify([sender, turn]);
      const count = ofSender.get(inTurn)?.count ?? 0;
      ofSender.set(inTurn, { turn, count: count + 1 });
      return Math.min(turn + Math.floor(count / shares.sender), lastTurn);
    },

    /** Forgets what is over, so that what is remembered is no more than what waits. */
    forget(current: number): void {
      for (const [lane, count] of ofLane) if (count <= current * shares.account) ofLane.delete(lane);
      for (const [inTurn, { turn }] of ofSender) if (turn < current) ofSender.delete(inTurn);
    },
  };
}
