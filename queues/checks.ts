/**
 * Looks at the outside: `check` looks at what one stage of one order declares. The attempt travels with the round, so that
 * a check that was asked for anew is another one.
 */
import { z } from 'zod';
import { defineQueue } from './contract.ts';

const id = z.string().min(1).max(120);

export const checks = defineQueue(
  'checks',
  { check: z.strictObject({ order: id, stage: id, round: z.int().min(1), attempt: z.int().min(1) }) },
  { attempts: 6, backoff: 2_000, timeout: 180_000 },
);
