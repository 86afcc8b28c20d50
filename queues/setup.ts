/** Commands to orders: the setup worker applies each to its order, once. */
import { z } from 'zod';
import { orderCommand } from '../workflows/commands.ts';
import { defineQueue } from './contract.ts';

const timer = z.strictObject({ name: z.string(), seq: z.int() });

export const setup = defineQueue('setup', {
  command: z.strictObject({ order: z.string(), command: orderCommand, seq: timer.optional() }),
});
