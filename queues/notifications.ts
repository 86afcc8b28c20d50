/** One mail each. Which letter, to whom, and the words and references it needs; never a token. */
import { z } from 'zod';
import { person } from '../workflows/commands.ts';
import { defineQueue } from './contract.ts';

export const notifications = defineQueue(
  'notifications',
  {
    send: z.strictObject({
      template: z.string().regex(/^[a-z-]{3,40}$/),
      order: z.string(),
      stage: z.string().optional(),
      round: z.number().int().optional(),
      recipient: person,
      link: z.string().optional(),
      approval: z.string().optional(),
      data: z.record(z.string(), z.string()),
    }),
  },
  { attempts: 6, backoff: 2_000, timeout: 25_000 },
);
