/**
 * Commands to orders and to their accounts: the setup worker applies each once. `fanout` tells a fact of an account to its
 * orders, those after one id at a time; `recheck` has an order told all that its account knows; `reopen` takes up what was
 * given up of a stage.
 */
import { z } from 'zod';
import { accountCommand } from '../workflows/accounts/commands.ts';
import { orderCommand } from '../workflows/words/commands.ts';
import { defineQueue } from './contract.ts';

const timer = z.strictObject({ name: z.string(), seq: z.int() });

export const setup = defineQueue('setup', {
  command: z.strictObject({ order: z.string(), command: orderCommand, seq: timer.optional() }),
  account: z.strictObject({ account: z.string(), command: accountCommand }),
  fanout: z.strictObject({ account: z.string(), fact: z.string(), seq: z.int().min(1), after: z.string().default('') }),
  recheck: z.strictObject({ order: z.string() }),
  reopen: z.strictObject({
    ...{ order: z.string(), stage: z.string(), round: z.int(), why: z.string().optional() },
    items: z.array(z.strictObject({ id: z.string(), generation: z.int() })),
  }),
});
