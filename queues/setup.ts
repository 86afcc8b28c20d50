/** Commands to orders: the setup worker applies each to its order, once. */
import { z } from 'zod';
import { defineQueue } from './contract.ts';

export const setup = defineQueue('setup', {
  command: z.strictObject({
    order: z.string(),
    command: z.looseObject({ type: z.string() }),
    seq: z.strictObject({ name: z.string(), seq: z.number() }).optional(),
  }),
});
