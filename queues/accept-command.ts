/**
 * From a command for an order to one work item, the same for the API, the clients' pages and the intake: who may give
 * it, whether those it names are staff, what a retry takes up, and whether it was accepted before.
 */
import type { Actor, Cause } from '../kernel/actor.ts';
import { Refusal } from '../kernel/errors.ts';
import { orderIdOf } from '../kernel/ids.ts';
import type { Clock } from '../kernel/time.ts';
import type { WorkDraft, WorkItem } from '../kernel/work.ts';
import { run } from '../workflows/engine/run.ts';
import { type OrderCommand, orderCommand } from '../workflows/words/commands.ts';
import type { OrderState } from '../workflows/words/state.ts';
import { type Acceptance, type AcceptancePorts, accept, acceptUnless, objectionOf, type WorkPort } from './accept.ts';
import { requireRight, rightTypeOf } from './command-rights.ts';
import { requireStaff, type StaffPort } from './known-staff.ts';
import { requireReadable } from './readable.ts';
import { referenceTaken } from './reference-taken.ts';
import { setup } from './setup.ts';

export interface Asking {
  /** The id of the work item: the same for everything that is the same request. */
  work: string;
  actor: Actor;
  cause: Cause;
  command: OrderCommand;
  reason?: string | undefined;
  requestId?: string;
  expectedVersion?: number | undefined;
  /** Nobody waits for the answer, and what was asked before may not be done yet: the rule is left to the worker. */
  unheard?: boolean;
}

/** Of an order, what acceptance looks at. */
interface TargetOrder {
  _id: string;
  agency: string;
  account: string;
  version: number;
  state: OrderState;
}

/** Where the command goes: an order that is there, or the one that it makes. */
export type Target<O extends TargetOrder = TargetOrder> = O | { agency: string; account: string };

export interface Accepted extends Acceptance {
  order: string;
}

export interface CommandPorts<O extends TargetOrder> extends Omit<AcceptancePorts, 'work'> {
  business: Clock;
  models: {
    work: WorkPort;
    staff: StaffPort;
    deadLetters: { ofStage(order: string, stage: string): Promise<WorkItem[]> };
    orderReferences: { holder(account: string, reference: string): Promise<string | undefined> };
    orders: { lineOf(order: O, work: string): Promise<unknown> };
  };
}

export async function acceptCommand<O extends TargetOrder>(
  asking: Asking,
  target: Target<O>,
  ports: CommandPorts<O>,
): Promise<Accepted> {
  const { models, nudger, clock } = ports;
  const { actor, command } = asking;
  // A client's right is the link, which whoever asks has looked at.
  if (actor.type !== 'client') requireRight(actor.role, rightTypeOf(command));
  requireReadable(orderCommand, command);
  await requireStaff(command, { agency: target.agency }, models.staff);
  const whole = { ...asking, command: await withDeadWork(asking, target, ports) };
  const draft = draftOf(whole, target);
  const order = draft.order ?? '';
  const acceptance = { work: models.work, nudger, clock };
  if (asking.unheard) return { ...(await accept(draft, acceptance)), order };
  const refusal = objection(whole, target, ports.business.now()) ?? (await takenReference(command, draft, models));
  const wasApplied = async () => '_id' in target && (await models.orders.lineOf(target, draft._id)) !== undefined;
  return { ...(await acceptUnless(draft, { refusal, wasApplied }, acceptance)), order };
}

/** A retry takes up what lies dead of the stage's work. A request that is repeated names what it named at first. */
async function withDeadWork<O extends TargetOrder>(
  { command, work }: Asking,
  target: Target<O>,
  { models }: CommandPorts<O>,
): Promise<OrderCommand> {
  if (command.type !== 'retry-stage' || command.dead !== undefined || !('_id' in target)) return command;
  const known = (await models.work.get(work))?.payload['command'] as OrderCommand | undefined;
  if (known?.type === 'retry-stage' && known.stage === command.stage) return known;
  const found = await models.deadLetters.ofStage(target._id, command.stage);
  const dead = found.map(({ _id: id, generation }) => ({ id, generation }));
  return { ...command, ...(dead.length > 0 && { dead }) };
}

function draftOf(asking: Asking, target: Target): WorkDraft {
  const { work, actor, cause, command, reason, requestId, expectedVersion } = asking;
  const order = '_id' in target ? target._id : orderIdOf(work);
  return setup.draft(
    'command',
    { order, command },
    {
      ...{ _id: work, actor, cause, agency: target.agency, account: target.account, order },
      ...(requestId !== undefined && { requestId }),
      ...(reason !== undefined && { reason }),
      ...(expectedVersion !== undefined && { expectedVersion }),
    },
  );
}

/** Another order has it already. Of two that ask at once, the worker refuses the second. */
async function takenReference(
  command: OrderCommand,
  { account, order }: WorkDraft,
  { orderReferences }: Pick<CommandPorts<TargetOrder>['models'], 'orderReferences'>,
): Promise<Refusal | undefined> {
  if (!('reference' in command) || command.reference === undefined) return undefined;
  const holder = await orderReferences.holder(account, command.reference);
  return holder === undefined || holder === order ? undefined : referenceTaken(holder, command.reference);
}

/** What the rule would say now, or undefined when it would agree. */
function objection(asking: Asking, target: Target, at: Date): Refusal | undefined {
  const { command, actor, work, reason, expectedVersion } = asking;
  const order = '_id' in target ? target : undefined;
  return objectionOf(() => {
    if (expectedVersion !== undefined && order?.version !== expectedVersion) {
      throw new Refusal('version_changed', `The order is at version ${order?.version ?? 0}, not ${expectedVersion}.`);
    }
    run(order?.state, command, { actor, work, at, ...(reason !== undefined && { reason }) });
  });
}
