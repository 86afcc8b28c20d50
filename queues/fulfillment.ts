/**
 * What is asked of vendors and platforms, and what they answer. `dispatch` makes the record, `call` makes one try of the
 * call, `poll` asks for the answer that has not come by itself, `answer` is a callback that came.
 */
import { z } from 'zod';
import { defineQueue, idempotent, once, pure } from './contract.ts';

const id = z.string().min(1).max(120);
const attempt = z.int().min(1);

/** A vendor's answer, whichever way it came. `progressed` only says that they are at it. */
export const vendorAnswer = z.object({
  status: z.enum(['progressed', 'completed', 'failed']),
  reference: z.string().max(200).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  message: z.string().max(2_000).optional(),
});

export type VendorAnswer = z.infer<typeof vendorAnswer>;

export const fulfillment = defineQueue(
  'fulfillment',
  {
    dispatch: once(z.strictObject({ order: id, stage: id, round: z.int().min(1), asked: z.string().optional() })),
    call: idempotent(z.strictObject({ dispatch: id, attempt })),
    poll: pure(z.strictObject({ dispatch: id, attempt })),
    answer: idempotent(z.strictObject({ vendor: id, dispatch: id, answer: vendorAnswer })),
  },
  { attempts: 6, backoff: 2_000, timeout: 40_000 },
);
