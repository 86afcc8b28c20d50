/**
 * What a gate says of itself: one object, in one file, with everything that differs from gate to gate. The engine, the
 * reminders, `explain` and migrations ask it and never compare names of gates. What a gate leaves out, it does not do.
 */
import type { Actor } from '../../kernel/actor.ts';
import type { Declared, Rung } from '../graph/stage.ts';
import type { Safety } from '../rules/safety.ts';
import type { OrderCommand } from '../words/commands.ts';
import type { Effect, Person } from '../words/effects.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import type { Holder, OrderState, StageState } from '../words/state.ts';

export interface Gate {
  /** How a stage stands when it is entered. */
  opening(order: OrderInWorkflow, stage: Declared): Opening;
  /** The hash of what is shown on entry, where what is decided is bound to it. */
  boundTo?(state: OrderState, stage: Declared): string;
  /** What is asked for elsewhere on entry; `recipient` where somebody else than usual is asked. */
  onEntry?(state: OrderState, stage: Declared, recipient?: Person): Effect[];
  /** What is asked for again after a pause, a block or an undo while the stage is ready. */
  onResume?(state: OrderState, stage: Declared): Effect[];
  /** What happens by itself to a stage that is open and not blocked. */
  follows?(order: OrderInWorkflow, stage: Declared): OrderEvent[];
  /**
   * Set where what is known elsewhere is all that the stage waits for: it is over without anybody's act. `hash` is that of
   * what is known; `because` says in sentences why it is not opened again, and what would change that.
   */
  endsByItself?(order: OrderInWorkflow, stage: Declared): { hash: string; because: string } | undefined;

  /** The commands that this gate takes. Every other one that needs a gate is refused with `wayOut`, a sentence. */
  takes: readonly OrderCommand['type'][];
  wayOut: string;
  /** Throws where this person may not begin or complete the stage. */
  admitPerson?(order: OrderInWorkflow, stage: Declared, actor: Actor): void;
  /** What is known elsewhere that contradicts the stage being done; a sentence that also says what would help. */
  objection?(order: OrderInWorkflow, stage: Declared): string | undefined;
  /** What is told elsewhere once the stage is done. */
  onCompletion?(order: OrderInWorkflow, stage: Declared): Effect[];
  /** What a finished stage records as its doer and its hash; `done` where absent. */
  recordedAs?(was: StageState, done: DoneBy): DoneBy;
  /** No vendor is sent the data that the stage was left with. */
  isConfidential?: boolean;

  /** What a replay or a restart may do with what the stage asked for outside. */
  replay: Safety;
  /** What an undo does where an answer may have come that nobody heard; a check under way is asked for again anyway. */
  onUndo?(current: StageState): Happening | 'new_round' | undefined;
  /** The page on which the client answers. A migration keeps it open, under a new name of its stage too. */
  page?: 'link' | 'approval';
  /** What is waited for while the page can be answered. */
  answeredWhile?: string;
  /** Whom the page asks, unless somebody else was named for the stage. */
  reader?(state: OrderState): Person;
  /** True where what is open no longer fits the order: a migration asks for it under a new round. */
  isStale?(state: OrderState, stage: Declared, current: StageState): boolean;
  /** What it means that an open stage is entered again under a new round. */
  newRound: 'asked_again' | 'sent_back';

  /** Whether a product file must say what the stage is left with; `own` where the gate itself makes the data. */
  exit: 'required' | 'optional' | 'own';
  /** What a product file may declare beside it. */
  supports: readonly ('check' | 'looks' | 'finds' | 'vouchesFor')[];
  /** What is wrong with a stage in the graph; completes the sentence `Stage "key" …`. */
  faults?(stage: Declared): string[];

  /** Why an open stage is not over and what would help, once nothing that every gate knows explains it. */
  explain(stage: Declared, current: StageState): Words;
  /** The same to the client, while the client has the ball; without it, that we wait for them. */
  explainToClient?(stage: Declared, current: StageState): Words;
  /** The facts of the account that the stage itself waits for. */
  awaitedFacts?(order: OrderInWorkflow): string[];
  /** Reminders by what is waited for. A stage's own ladder replaces the one named like its gate. */
  ladders?: Readonly<Record<string, readonly Rung[]>>;
  /** When nobody answers. */
  expiry?: Expiry;
  alarms?: readonly StageAlarm[];
}

/** An order with the graph of its stages. A workflow with its state fits. */
export interface OrderInWorkflow {
  workflow: { stages: readonly Declared[] };
  state: OrderState;
}

type Opening = Pick<Extract<OrderEvent, { type: 'stage-entered' }>, 'status' | 'waitingFor'> & {
  holder: Holder;
};

type DoneBy = Pick<StageState, 'doer' | 'hash'>;

/** What blocks an order, and the one act that moves it on. */
export interface Words {
  blocker: string;
  unblock: string;
}

/**
 * While `whileWaitingFor`, `command` is due after so many times the stage's budget, and days that were given by hand. The
 * stage then waits for `turnsInto`, on the agency.
 */
interface Expiry {
  whileWaitingFor: string;
  turnsInto: string;
  budgets: number;
  command: OrderCommand['type'];
  /** What happens then, in a sentence; and in one for the client. */
  announce(title: string): string;
  announceToClient(title: string): string;
  /** Once it has, what the client may do. */
  toClient(title: string): Words;
}

/** What a person must look at while a stage is in some state. */
export interface StageAlarm {
  kind: string;
  severity(current: StageState): 'notice' | 'warning' | 'critical';
  holds(current: StageState): boolean;
  /** `%` is the title of the stage. */
  words: string;
  cure: string;
}
