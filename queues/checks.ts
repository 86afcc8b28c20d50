/**
 * Looks at the outside: `check` looks at what one stage of one order declares. The attempt travels with the round, so that
 * a check that was asked for anew is another one. `probe` looks at one access of an account, under the look's number.
 */
import { z } from 'zod';
import { grantNames } from '../workflows/accounts/names.ts';
import { defineQueue } from './contract.ts';

const id = z.string().min(1).max(120);

export const checks = defineQueue(
  'checks',
  {
    check: z.strictObject({ order: id, stage: id, round: z.int().min(1), attempt: z.int().min(1) }),
    probe: z.strictObject({ account: id, grant: z.enum(grantNames), seq: z.int().min(1) }),
  },
  { attempts: 6, backoff: 2_000, timeout: 180_000 },
);
