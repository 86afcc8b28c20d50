/**
 * Random pasts of orders, through the real rules: mostly the way a stage is left, now and then everything that can come
 * between. The same seed always tells the same past. `naiveSpans` says what it amounts to in the slowest way there is:
 * by looking at every state the order was ever in.
 */
import type { Actor } from '../../kernel/actor.ts';
import type { HistoryEntry } from '../../kernel/history.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { businessBetween, type CalendarName, calendarNames, dayOf } from '../../workflows/time/business-time.ts';
import { calendarNamed } from '../../workflows/time/calendars.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { OrderEvent } from '../../workflows/words/events.ts';
import { factsOf } from '../../workflows/words/facts.ts';
import { isClosed, isOpen, type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, client, orderworks, refusalOf, staff, waysThrough } from './given.ts';

/** A line of history that is not chained yet. */
export type PastLine = HistoryEntry & { seq: number };

export interface Past {
  id: string;
  agency: string;
  account: string;
  calendar: CalendarName;
  lines: PastLine[];
  /** The state after each line. */
  states: OrderState[];
}

type Dice = (sides: number) => number;

/** A die that always falls the same way: mulberry32. */
function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * sides);
  };
}

export interface Whose {
  id: string;
  agency: string;
  account: string;
  from: Date;
}

export function somePast(seed: number, { id, agency, account, from }: Whose): Past {
  const dice = diceOf(seed);
  const sold = Object.keys(products);
  const product = sold[dice(sold.length)]!;
  const { tiers } = workflowFor(product);
  const calendar = calendarNames[dice(calendarNames.length)]!;
  const past: Past = { id, agency, account, calendar, lines: [], states: [] };
  let at = from;
  const ask = (command: OrderCommand, actor: Actor): void => {
    const asked = { actor, at, work: `${id}-${past.lines.length}`, reason: 'Because.' };
    const refusal = refusalOf(() => {
      const { state, events } = run(past.states.at(-1), command, asked);
      tell(past, { at, state, events, work: asked.work, action: command.type, actor });
    });
    if (refusal && past.states.length === 0) throw refusal;
  };
  const sale = { source: 'manual', title: 'An order', client: { name: 'Cleo', email: 'cleo@example.com' } } as const;
  ask({ type: 'create-order', product, tier: tiers[dice(tiers.length)]!, options: {}, calendar, ...sale }, admin);
  for (let steps = 10 + dice(60); steps > 0; steps -= 1) {
    at = new Date(at.getTime() + pauses[dice(pauses.length)]! * 60_000 * (1 + dice(9)));
    const undo = dice(6) === 0 ? undoOfLast(past) : undefined;
    const [command, actor] = undo ?? something(past.states.at(-1)!, dice);
    ask(command, actor);
  }
  return past;
}

/** What bulk operations can undo and leaves every stage in its round. */
const undoable = ['pause', 'resume', 'cancel', 'clear', 'complete-order', 'begin-stage', 'complete-stage'];

function undoOfLast({ lines, states }: Past): [OrderCommand, Actor] | undefined {
  const [before, after] = states.slice(-2);
  if (!before || !after || !undoable.includes(lines.at(-1)?.action ?? '')) return undefined;
  return [{ type: 'restore-values', operation: 'blk_1', fields: changesOf(before, after) }, admin];
}

/** Minutes, from a moment to days. */
const pauses = [0, 1, 20, 60, 240, 600, 1_500];

function tell(past: Past, { at, state, events, work, action, actor }: Omit<Telling, 'past'>): void {
  const entry = { at, work, actor, cause: 'api', action, outcome: 'done' } as const;
  past.lines.push({ ...entry, seq: past.lines.length + 1, events: events.map((event) => ({ ...event })) });
  past.states.push(state);
}

interface Telling {
  at: Date;
  state: OrderState;
  events: OrderEvent[];
  work: string;
  action: string;
  actor: Actor;
}

function something(state: OrderState, dice: Dice): [OrderCommand, Actor] {
  const { stages } = workflowFor(state.product);
  const open = state.stages.filter(isOpen);
  const is = open.length > 0 ? open[dice(open.length)]! : state.stages[dice(state.stages.length)]!;
  const { key: stage, round, hash = '' } = is;
  const declared = stages.find(({ key }) => key === stage)!;
  const facts = factsOf(workflowFor(state.product));
  const fact = facts[dice(facts.length)]!;
  const seq = (state.facts?.[fact]?.seq ?? 0) + 1;
  const to = declared.backTo[0] ?? stages[dice(stages.length)]!.key;
  const missing = Object.entries(state.facts ?? {}).find(([, { holds }]) => !holds);
  if (missing && dice(3) > 0) {
    return [{ type: 'record-fact', fact: missing[0], holds: true, seq: missing[1].seq + 1 }, orderworks];
  }
  if (state.status === 'paused' && dice(3) > 0) return [{ type: 'resume' }, admin];
  const rare: [OrderCommand, Actor][] = [
    [{ type: 'pause' }, admin],
    [{ type: 'send-back', stage, to }, staff('reviewer')],
    [{ type: 'review-form', stage, decision: 'revise' }, staff('reviewer')],
    [{ type: 'decide-approval', stage, round, approval: is.approval ?? 'a', hash, decision: 'changes' }, client],
    [{ type: 'expire-approval', stage, round }, orderworks],
    [{ type: 'request-approval', stage }, staff('doer')],
    [{ type: 'grant-round', stage }, admin],
    [{ type: 'reschedule', stage, days: dice(2) === 0 ? 2 : -2 }, admin],
    [{ type: 'reschedule', stage: stages[dice(stages.length)]!.key, days: 1 }, admin],
    [{ type: 'record-fact', fact, holds: dice(2) === 0, seq }, orderworks],
    [{ type: 'skip-stage', stage }, admin],
    [
      {
        type: 'override-stage',
        stage: stages[dice(stages.length)]!.key,
        action: (['reopen', 'move', 'skip'] as const)[dice(3)]!,
      },
      admin,
    ],
    [{ type: 'begin-stage', stage }, staff('doer')],
    [{ type: 'record-answer', stage, round, dispatch: 'd', outcome: 'failed', data: {} }, orderworks],
    [{ type: 'update-order', title: `Title ${dice(9)}` }, admin],
    [{ type: 'complete-order' }, admin],
    dice(5) === 0 ? [{ type: 'cancel' }, admin] : [{ type: 'resume' }, admin],
    dice(12) === 0 ? [{ type: 'clear' }, admin] : [{ type: 'resume' }, admin],
  ];
  if (dice(4) === 0) return rare[dice(rare.length)]!;
  const ways = waysThrough(state, stage);
  const way = ways[dice(ways.length)]!;
  return [way.command, way.command.type === 'complete-stage' ? staff(`person-${stage}`) : way.actor];
}

export interface NaiveRound {
  id: string;
  product: string;
  account: string;
  agency: string;
  stage: string;
  round: number;
  enteredAt: number;
  endedAt: number | null;
  outcome: string | null;
  wall: Record<string, number>;
  business: Record<string, number>;
  spent: number;
  budget: number;
  ours: boolean;
  cleared: boolean;
}

/** Every round of an order as its states show it, by `now`. */
export function naiveRounds(past: Past, now: Date): NaiveRound[] {
  const { states, lines, id, account, agency } = past;
  const calendar = calendarNamed(past.calendar);
  const found = new Map<string, NaiveRound>();
  for (const [index, state] of states.entries()) {
    const at = lines[index]!.at;
    const until = lines[index + 1]?.at ?? now;
    for (const stage of state.stages) {
      const key = `${id}.${stage.key}.${stage.round}`;
      const isAskedAgain = isClosed(state) && wasAskedAgain(lines[index + 1], stage.key);
      if (isAskedAgain) Object.assign(found.get(key) ?? {}, { endedAt: until.getTime(), outcome: 'asked_again' });
      if (!isOpen(stage) || isClosed(state)) continue;
      const begun = {
        enteredAt: at.getTime(),
        endedAt: null,
        outcome: null,
        wall: {},
        business: {},
        spent: 0,
        ours: false,
      };
      const row: NaiveRound = found.get(key) ?? {
        ...{ id: key, product: state.product, account, agency, stage: stage.key, round: stage.round },
        ...{ ...begun, budget: 0, cleared: states.at(-1)!.clearedAt !== undefined },
      };
      found.set(key, Object.assign(row, { endedAt: null, outcome: null }));
      const party = state.status === 'paused' ? 'nobody' : stage.holder!;
      row.wall[party] = (row.wall[party] ?? 0) + until.getTime() - at.getTime();
      row.business[party] = (row.business[party] ?? 0) + businessBetween(calendar, at, until);
      row.ours ||= party === 'fulfillment' || party === 'system';
      row.spent = (row.business['fulfillment'] ?? 0) + (row.business['system'] ?? 0);
      const declared = workflowFor(state.product).stages.find((one) => one.key === stage.key)!;
      row.budget = Math.max(0, declared.budget + (stage.clock?.extra ?? 0)) * dayOf(calendar);
      const next = states[index + 1];
      if (!next) continue;
      const later = stateOf(next, stage.key);
      if (!isClosed(next) && isOpen(later) && later.round === stage.round) continue;
      row.endedAt = until.getTime();
      row.outcome = howEnded(lines[index + 1]!, next, stage.key);
    }
  }
  return [...found.values()];
}

/** An undo opens the round that a cancellation had ended, and asks at once under the next. */
function wasAskedAgain(undo: PastLine | undefined, key: string): boolean {
  return (
    undo?.action === 'restore-values' && undo.events.some((is) => is.type === 'stage-entered' && is['stage'] === key)
  );
}

function howEnded({ events, action }: PastLine, next: OrderState, key: string): string {
  if (isClosed(next)) return 'cancelled';
  if (action === 'restore-values') return 'undone';
  const back = events.find(({ type }) => type === 'stage-sent-back');
  if (back) return back['from'] === key ? 'sent_back' : 'relocked';
  if (action === 'request-approval') return 'asked_again';
  if (action === 'review-form' && events.some(({ type }) => type === 'form-returned')) return 'sent_back';
  return events.some(({ type, stage }) => type === 'stage-skipped' && stage === key) ? 'skipped' : 'done';
}
