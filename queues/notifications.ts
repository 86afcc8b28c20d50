/**
 * What people are told. `notify` and `tell` are one mail each: which letter, to whom, and the words and references it needs,
 * never a token; who is told is looked up when it goes out. The others keep what a person must look at.
 */
import { z } from 'zod';
import { deliveryOutcomes } from '../workflows/rules/doubt.ts';
import { person } from '../workflows/words/commands.ts';
import { defineQueue, idempotent, once, pure } from './contract.ts';

export const notifications = defineQueue(
  'notifications',
  {
    notify: once(
      z.strictObject({
        template: z.string().regex(/^[a-z-]{3,40}$/),
        order: z.string(),
        stage: z.string().optional(),
        round: z.number().int().optional(),
        recipient: person,
        link: z.string().optional(),
        approval: z.string().optional(),
        data: z.record(z.string(), z.string()),
      }),
      { since: 2, was: 'send' },
    ),
    tell: once(
      z.strictObject({
        template: z.string().regex(/^[a-z-]{3,40}$/),
        order: z.string(),
        stage: z.string(),
        round: z.number().int(),
        to: z.enum(['client', 'manager', 'agency']),
        about: z.string().optional(),
        rung: z.number().int().optional(),
      }),
    ),
    alert: idempotent(z.strictObject({ order: z.string(), kind: z.string(), stage: z.string().optional() })),
    weigh: pure(z.strictObject({ staff: z.string() })),
    acknowledge: idempotent(z.strictObject({ alert: z.string() })),
    doubt: idempotent(z.strictObject({ notification: z.string() })),
    bounce: idempotent(
      z.strictObject({ mail: z.string().max(300), action: z.enum(['failed', 'delivered']), said: z.string().max(500) }),
      { since: 2 },
    ),
    answer: idempotent(z.strictObject({ alert: z.string(), outcome: z.enum(deliveryOutcomes) })),
  },
  { attempts: 6, backoff: 2_000, timeout: 25_000 },
);
