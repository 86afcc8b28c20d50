/** Whether those whom a command names work for the agency: the rule knows references only, so it is asked before. */
import { Refusal } from '../kernel/errors.ts';
import type { BulkAction } from '../workflows/bulk/action.ts';
import { namedIn } from '../workflows/rules/assignment.ts';
import type { OrderCommand } from '../workflows/words/commands.ts';

export interface StaffPort {
  /** Those of the ids that nobody has who works for the agency. */
  unknown(ids: string[], agency: string): Promise<string[]>;
}

/** `under` is where in the request the command is. */
export async function requireStaff(
  command: OrderCommand | BulkAction,
  { agency, under = '' }: { agency: string; under?: string },
  staff: StaffPort,
): Promise<void> {
  if (command.type !== 'assign') return;
  const named = namedIn(command);
  const unknown = await staff.unknown(
    named.map(({ id }) => id),
    agency,
  );
  const errors = named
    .filter(({ id }) => unknown.includes(id))
    .map(({ pointer }) => ({
      pointer: under + pointer,
      rule: 'unknown_staff',
      message: 'Enter the id of a staff member of the agency.',
    }));
  if (errors.length > 0)
    throw new Refusal('staff_not_found', "One of the people named is not on the agency's staff.", errors);
}
