/**
 * The right that each command of an order takes, however it comes in. Commands that clients or the system itself give are
 * not here: nobody sends them with a key.
 */

import type { Role } from '../kernel/actor.ts';
import { Refusal } from '../kernel/errors.ts';
import { isAllowed, type Permission } from '../kernel/rights.ts';
import type { OrderCommand } from '../workflows/words/commands.ts';

const commandRights = {
  'create-order': { right: 'create', resource: 'order' },
  'update-order': { right: 'update', resource: 'order' },
  pause: { right: 'update', resource: 'order' },
  resume: { right: 'update', resource: 'order' },
  'complete-order': { right: 'update', resource: 'order' },
  cancel: { right: 'delete', resource: 'order' },
  clear: { right: 'delete', resource: 'order' },
  'tag-order': { right: 'update', resource: 'order' },
  'note-order': { right: 'update', resource: 'order' },
  'set-priority': { right: 'update', resource: 'order' },
  'set-due-date': { right: 'update', resource: 'order' },
  'migrate-order': { right: 'manage', resource: 'setup' },
  'begin-stage': { right: 'update', resource: 'setup' },
  'complete-stage': { right: 'update', resource: 'setup' },
  'send-back': { right: 'update', resource: 'setup' },
  'retry-stage': { right: 'update', resource: 'setup' },
  'resolve-outcome': { right: 'update', resource: 'setup' },
  'review-answer': { right: 'update', resource: 'setup' },
  'recheck-stage': { right: 'update', resource: 'setup' },
  'request-approval': { right: 'update', resource: 'setup' },
  assign: { right: 'manage', resource: 'setup' },
  reschedule: { right: 'manage', resource: 'setup' },
  'request-exception': { right: 'update', resource: 'setup' },
  'decide-exception': { right: 'manage', resource: 'setup' },
  'revoke-exception': { right: 'manage', resource: 'setup' },
  'restart-stage': { right: 'manage', resource: 'setup' },
  'grant-round': { right: 'manage', resource: 'setup' },
  'skip-stage': { right: 'manage', resource: 'setup' },
  'override-stage': { right: 'manage', resource: 'setup' },
  'issue-link': { right: 'create', resource: 'onboarding' },
  'review-form': { right: 'update', resource: 'onboarding' },
} as const satisfies Partial<Record<OrderCommand['type'], Permission>>;

type StaffCommand = keyof typeof commandRights;

const isStaffCommand = (type: string): type is StaffCommand => Object.hasOwn(commandRights, type);

/** To undo takes the right to do. */
export const rightTypeOf = (command: OrderCommand): OrderCommand['type'] =>
  command.type === 'undo-closing' ? command.closing : command.type;

export function requireRight(role: Role | undefined, type: OrderCommand['type']): void {
  if (!isStaffCommand(type)) throw new Refusal('forbidden', `Nobody sends "${type}" with an API key.`);
  const policy = commandRights[type];
  if (role && isAllowed(role, policy)) return;
  throw new Refusal(
    'forbidden',
    `The role ${role ?? 'of the key'} has no right to ${policy.right} on ${policy.resource}.`,
  );
}
