/**
 * How stages fare, over the rounds that ended in a period: how long we had the ball, how long others had it, how often a
 * round led back, and whether budgets were kept. Rounds that were only cut off, by a cancellation, by an undo or by a
 * version that has no such stage, are not counted.
 */
import { type Spread, share, spreadOf } from './figures.ts';
import { spentBy } from './hands.ts';
import { isWithin, type Period } from './period.ts';
import { type Party, parties, type RoundOutcome, type StageSpan } from './span.ts';

/** What is looked at of a round. */
export type Round = Pick<
  StageSpan,
  'product' | 'stage' | 'order' | 'endedAt' | 'outcome' | 'wall' | 'spent' | 'breached' | 'ours' | 'excepted'
>;

const isOurs = (party: Party): boolean => party === 'fulfillment' || party === 'system';
const others = parties.filter((party): party is Waited => !isOurs(party));

type Waited = Exclude<Party, 'fulfillment' | 'system'>;

export interface StageFigures {
  /** Different orders, and rounds of theirs. */
  orders: number;
  rounds: number;
  /** Business time that we had the ball for, over the rounds in which we had it. */
  ours: Spread;
  /** Time by the clock on the wall that others had it for, over the rounds in which they had it. */
  waiting: Record<Waited, Spread & { rounds: number }>;
  /** Rounds that led back, and their share. */
  backEdges: number;
  backEdgeRate: number | null;
}

export interface SlaFigures {
  /** Rounds in which the ball was ours at some time. */
  within: number;
  breached: number;
  withinRate: number | null;
}

const cutOff: readonly RoundOutcome[] = ['cancelled', 'migrated_away', 'undone'];

/** The rounds that ended in the period, and ended by themselves. */
export const endedIn = <R extends Round>(rounds: readonly R[], period: Period): R[] =>
  rounds.filter(({ outcome, endedAt }) => isWithin(period, endedAt) && !(outcome && cutOff.includes(outcome)));

export function stageFiguresOf(rounds: readonly Round[]): StageFigures {
  const backEdges = rounds.filter(({ outcome }) => outcome === 'sent_back').length;
  const waited = others.map((party) => [party, waitingFor(rounds, party)]);
  return {
    orders: new Set(rounds.map(({ order }) => order)).size,
    rounds: rounds.length,
    ours: spreadOf(rounds.filter(({ ours }) => ours).map(({ spent }) => spent)),
    waiting: Object.fromEntries(waited) as StageFigures['waiting'],
    backEdges,
    backEdgeRate: share(backEdges, rounds.length),
  };
}

function waitingFor(rounds: readonly Round[], party: Waited): Spread & { rounds: number } {
  const times = rounds.flatMap(({ wall }) => wall[party] ?? []);
  return { rounds: times.length, ...spreadOf(times) };
}

export function slaFiguresOf(rounds: readonly Round[]): SlaFigures {
  const counted = rounds.filter(({ ours }) => ours);
  const breached = counted.filter((round) => round.breached).length;
  const within = counted.length - breached;
  return { within, breached, withinRate: share(within, counted.length) };
}

export interface ExceptionFigures {
  /** Rounds that ended, and those of them that were left by an exception from their check. */
  rounds: number;
  exceptions: number;
  exceptionRate: number | null;
}

export function exceptionFiguresOf(rounds: readonly Round[]): ExceptionFigures {
  const exceptions = rounds.filter(({ excepted }) => excepted).length;
  return { rounds: rounds.length, exceptions, exceptionRate: share(exceptions, rounds.length) };
}

/** An open round that has taken more than its budget. */
export interface Overdue {
  span: StageSpan;
  spent: number;
  over: number;
}

/** The open rounds that are over their budget at `now`, the worst first. */
export function overdueAt(open: readonly StageSpan[], now: Date): Overdue[] {
  return open
    .map((span) => ({ span, spent: spentBy(span, now), over: spentBy(span, now) - span.budget }))
    .filter(({ over }) => over > 0)
    .sort((one, other) => other.over - one.over || (one.span._id < other.span._id ? -1 : 1));
}
