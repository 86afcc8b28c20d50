/** What orders went through, kept to be counted: nobody waits for it, so it goes behind everything that is waited for. */
import { z } from 'zod';
import { defineQueue, idempotent } from './contract.ts';

export const analytics = defineQueue(
  'analytics',
  { span: idempotent(z.strictObject({ order: z.string() })) },
  { patient: true },
);
