/**
 * What a product file may say of a stage, as data that the engine reads. A stage without `after` follows the stage
 * above it.
 */
import type { z } from 'zod';
import type { FieldError } from '../../kernel/errors.ts';
import type { Look, Looked } from '../words/looks.ts';
import type { Addressee, GateKind, Holder, OrderState } from '../words/state.ts';

export type Data = Record<string, unknown>;

/** What a rule sees: the data the stage would be left with, and the order it belongs to. */
interface Leaving {
  data: Data;
  state: OrderState;
}

/** A rule that looks beyond one stage's data: nothing when it holds, otherwise what is wrong. */
export type Rule = (leaving: Leaving) => FieldError[];

/** Approvals of these three can be skipped by nobody. */
type Guarded = 'spend' | 'tracking' | 'launch';

/** When a stage is part of the order; `otherwise` is the reason it is skipped with. */
export interface Condition {
  tiers?: readonly string[];
  options?: Record<string, unknown>;
  otherwise: string;
}

/**
 * A fact the account must have before the stage opens, and for as long as it is open. `assumed` facts hold until the
 * account says otherwise; `when` names options of the order.
 */
export interface Need {
  fact: string;
  assumed?: boolean;
  when?: Record<string, unknown>;
  /** What is missing while it does not hold, and what would help. */
  missing: string;
  cure: string;
}

/** One step of a reminder ladder: when, and to whom. */
export type Rung = { to: Addressee } & ({ days: number } | { hours: number } | { daysBeforeEnd: number });

export interface StageDefinition<Name extends string = string> {
  title: string;
  gate: GateKind;
  /** What the stage is left with: the answers of a form, the record of the work, the facts of an outside check. */
  exit?: z.ZodType<Data>;
  rules?: readonly Rule[];
  /** A check over the order alone, which the system runs on entry. Only for an `auto` gate, in place of `exit`. */
  check?: (state: OrderState) => FieldError[];
  /**
   * What is looked at outside before the stage is over: from the order's data, and from the record that a person leaves
   * the stage with.
   */
  looks?: (state: OrderState, record: Data) => Look[];
  /** The data of a stage that the system leaves by itself once all looks hold. No person completes it then. */
  finds?: (looked: readonly Looked[], state: OrderState) => Data;
  /** How many days after it was done it is looked at again; what does not hold then sends it back. */
  lookAgain?: readonly number[];
  /** Business days. */
  budget: number;
  /** The stages before it; the one above when absent. Several join. */
  after?: readonly Name[];
  backTo?: readonly Name[];
  when?: Condition;
  /** The stages whose data an approval shows and binds to. */
  shows?: readonly Name[];
  /** The stages that a check by a second person answers for; whoever did any work on one of them may not pass it. */
  vouchesFor?: readonly Name[];
  guards?: Guarded;
  needs?: readonly Need[];
  /** The fact that the account has once this stage is done; other orders may need it. */
  makes?: string;
  /** How often each tier may ask for changes; as often as it likes when absent. */
  rounds?: Readonly<Record<string, number>>;
  /** Reminders while the client is asked, in place of the usual ones. */
  ladder?: readonly Rung[];
  /** Who has the ball while the stage is open, where the gate alone does not say. */
  holder?: Holder;
}

export interface ProductFile<Name extends string> {
  product: string;
  version: number;
  title: string;
  /** Managed products are watched for inactivity; those that clients serve themselves are not. */
  managed: boolean;
  tiers: readonly string[];
  options: z.ZodType<Data>;
  stages: Record<Name, StageDefinition<NoInfer<Name>>>;
}

/** A stage of a loaded workflow, with every default filled in. */
export interface Declared extends Omit<StageDefinition, 'after' | 'backTo' | 'shows' | 'rules'> {
  key: string;
  after: readonly string[];
  backTo: readonly string[];
  shows: readonly string[];
  rules: readonly Rule[];
}
