/** Links and approvals: what a client is asked, each made once and then mailed. */
import { z } from 'zod';
import { person, tracking } from '../workflows/words/commands.ts';
import { defineQueue, idempotent } from './contract.ts';

const asked = { order: z.string(), stage: z.string(), round: z.number().int(), recipient: person };

const flag = z.strictObject({ field: z.string(), reason: z.string() });

export const onboarding = defineQueue('onboarding', {
  'issue-link': idempotent(
    z.strictObject({
      ...asked,
      form: z.string(),
      revise: z.array(flag).optional(),
      note: z.string().optional(),
      tracking: tracking.optional(),
    }),
    { since: 2, was: 'issuelink' },
  ),
  'request-approval': idempotent(
    z.strictObject({ ...asked, snapshot: z.record(z.string(), z.unknown()), hash: z.string() }),
    { since: 2, was: 'askapproval' },
  ),
});
