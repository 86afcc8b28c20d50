/** Links and approvals: what a client is asked, each made once and then mailed. */
import { z } from 'zod';
import { defineQueue } from './contract.ts';
import { person } from './person.ts';

const asked = { order: z.string(), stage: z.string(), round: z.number().int(), recipient: person };

export const onboarding = defineQueue('onboarding', {
  issuelink: z.strictObject({ ...asked, form: z.string() }),
  askapproval: z.strictObject({ ...asked, snapshot: z.record(z.string(), z.unknown()), hash: z.string() }),
});
