/** Whether those whom a command names work for the agency: the rule knows references only, so it is asked before. */
import { Refusal } from '../kernel/errors.ts';
import type { OrderCommand } from '../workflows/commands.ts';
import type { Dependencies } from './context.ts';

export async function mustBeStaff(command: OrderCommand, agency: string, { models }: Dependencies): Promise<void> {
  if (command.type !== 'assign') return;
  const { manager, specialists = [] } = command;
  const named = [
    ...(manager ? [{ id: manager, pointer: '/manager' }] : []),
    ...specialists.map(({ staff }, index) => ({ id: staff, pointer: `/specialists/${index}/staff` })),
  ];
  const unknown = await models.staff.unknown(
    named.map(({ id }) => id),
    agency,
  );
  const errors = named
    .filter(({ id }) => unknown.includes(id))
    .map(({ pointer }) => ({
      pointer,
      rule: 'unknown_staff',
      message: 'Give the id of somebody who works for the agency.',
    }));
  if (errors.length > 0) throw new Refusal('staff_not_found', 'Somebody named does not work for the agency.', errors);
}
