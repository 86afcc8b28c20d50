/**
 * Looks at the outside: `check` looks at what one stage of one order declares. The attempt travels with the round, so that
 * a check that was asked for anew is another one. `look` looks at one access of an account, under the look's number.
 */
import { z } from 'zod';
import { grantNames } from '../workflows/accounts/names.ts';
import { defineQueue, pure } from './contract.ts';

const id = z.string().min(1).max(120);

export const checks = defineQueue(
  'checks',
  {
    check: pure(z.strictObject({ order: id, stage: id, round: z.int().min(1), attempt: z.int().min(1) })),
    look: pure(z.strictObject({ account: id, grant: z.enum(grantNames), seq: z.int().min(1) }), {
      since: 2,
      was: 'probe',
    }),
  },
  { attempts: 6, backoff: 2_000, timeout: 180_000 },
);
