/** Every command there is, and one run of one of them. */

import { AGGREGATE_COMMANDS } from './aggregate.ts';
import { type Command, type Request, refuseUnknownFields, type Server } from './command.ts';
import { ADMIN_COMMANDS } from './commands-admin.ts';
import { INDEX_COMMANDS } from './commands-index.ts';
import { READ_COMMANDS } from './commands-read.ts';
import { WRITE_COMMANDS } from './commands-write.ts';
import { CommandError, unsupported } from './errors.ts';
import { meetFailPoint } from './failpoint.ts';
import type { Message, Reply } from './wire.ts';

const COMMANDS = new Map<string, Command>(
  Object.entries({ ...ADMIN_COMMANDS, ...AGGREGATE_COMMANDS, ...INDEX_COMMANDS, ...READ_COMMANDS, ...WRITE_COMMANDS }),
);

export function isWrite({ body }: Message): boolean {
  const command = COMMANDS.get(Object.keys(body)[0] ?? '');
  return typeof command?.writes === 'function' ? command.writes(body) : Boolean(command?.writes);
}

export function runCommand(server: Server, { body, sequences, isContinued = false }: Message): Reply {
  const name = Object.keys(body)[0] ?? '';
  const command = COMMANDS.get(name);
  if (!command) throw unsupported(`The command '${name}'`, 59);
  const db = body['$db'];
  if (typeof db !== 'string' || db === '')
    throw new CommandError(40414, `BSON field 'OpMsgRequest.$db' is missing but a required field`);
  const request: Request = { server, store: server.store, db, name, command: body, sequences };
  refuseUnknownFields(request, command);
  const extra = isContinued ? {} : meetFailPoint(server, name);
  return { ...command.run(request), ...extra };
}
