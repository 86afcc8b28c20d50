/**
 * Commands to orders and to their accounts: the setup worker applies each once, whether somebody gave it, its time has
 * come (`timer`, `expire`) or an order reached a milestone. `spread` tells a fact of an account to its
 * orders, those after one id at a time, `spread-contact` its contact and `spread-place` where it is; `recheck` has an order
 * told all that its account knows; `keep-notes` puts notes into their collection; `reopen` takes up what was given up of a stage.
 */
import { z } from 'zod';
import { accountCommand } from '../workflows/accounts/commands.ts';
import { orderCommand } from '../workflows/words/commands.ts';
import { defineQueue, idempotent } from './contract.ts';

const timer = z.strictObject({ name: z.string(), seq: z.int() });

const toOrder = z.strictObject({ order: z.string(), command: orderCommand, seq: timer.optional() });
const toAccount = z.strictObject({ account: z.string(), command: accountCommand });
const toOrders = z.strictObject({ account: z.string(), after: z.string().default('') });
const facts = { account: z.string(), fact: z.string(), seq: z.int().min(1), after: z.string().default('') };

export const setup = defineQueue('setup', {
  // Commands and what they carry have grown: workers of the release before could not read all of them.
  command: idempotent(toOrder, { since: 2 }),
  timer: idempotent(toOrder, { since: 2 }),
  account: idempotent(toAccount, { since: 2 }),
  'record-milestone': idempotent(toAccount, { since: 2 }),
  expire: idempotent(toAccount, { since: 2 }),
  spread: idempotent(z.strictObject(facts), { since: 2, was: 'fanout' }),
  'spread-contact': idempotent(toOrders, { since: 2 }),
  'spread-place': idempotent(toOrders, { since: 2 }),
  recheck: idempotent(z.strictObject({ order: z.string() })),
  'keep-notes': idempotent(
    z.strictObject({
      order: z.string(),
      notes: z.array(z.strictObject({ number: z.int().min(1), text: z.string(), by: z.string(), at: z.date() })),
    }),
    { since: 2 },
  ),
  reopen: idempotent(
    z.strictObject({
      ...{ order: z.string(), stage: z.string(), round: z.int(), why: z.string().optional() },
      items: z.array(z.strictObject({ id: z.string(), generation: z.int() })),
    }),
  ),
});
