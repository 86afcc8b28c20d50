/** What every rule looks at: the workflow, the order, and who asks for what reason at what time. */
import type { Actor } from '../../kernel/actor.ts';
import type { Workflow } from '../graph/workflow.ts';
import type { CalendarName } from '../time/calendars.ts';
import type { OrderState } from '../words/state.ts';

/** Who asks, when, under which work id, and why. */
export interface CommandContext {
  actor: Actor;
  at: Date;
  work: string;
  reason?: string;
  /** The calendar of the place that the order's account is in; only whoever makes the order has to know it. */
  calendar?: CalendarName | undefined;
}

export interface Scene {
  workflow: Workflow;
  state: OrderState;
  asked: CommandContext;
}
