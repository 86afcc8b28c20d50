/** Progress of an order as callers see it: numbers, the reason, the stages and, in full, what happened. */
import { z } from 'zod';
import type { HistoryLine } from '../../kernel/history.ts';
import type { Order } from '../../models/order.ts';
import type { Explanation } from '../../workflows/telling/explain.ts';
import { askingOf } from '../../workflows/telling/page.ts';
import type { Detail, Progress } from '../../workflows/telling/progress.ts';
import { stage, viewOfStage, viewOfWhy, why } from './order.ts';
import { id, iso, time } from './wire.ts';

const stageProgress = stage.extend({
  title: z.string(),
  budget: z.number().describe('Business days.'),
  after: z.array(z.string()),
  backTo: z.array(z.string()),
  data: z.record(z.string(), z.unknown()).optional(),
});

const line = z.object({
  seq: z.int(),
  at: time,
  work: z.string(),
  actor: z.object({ type: z.string(), id: z.string(), role: z.string().optional() }),
  cause: z.string(),
  action: z.string(),
  outcome: z.string(),
  code: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  events: z.array(z.record(z.string(), z.unknown())),
});

export const progress = z
  .object({
    order: id,
    version: z.int(),
    product: z.string(),
    tier: z.string(),
    workflowVersion: z.int(),
    status: z.string(),
    onboarding: z.string(),
    stage: z.string().optional(),
    done: z.int(),
    total: z.int(),
    percent: z.int(),
    overrides: z.int(),
    exceptions: z.int().describe('How many exceptions from checks were granted.'),
    why,
    stages: z.array(stageProgress).optional(),
    history: z.array(line).optional().describe('The newest lines, oldest first.'),
  })
  .meta({ id: 'SetupProgress' });

export interface ProgressParts {
  order: Order;
  progress: Progress;
  why: Explanation;
  detail: Detail;
}

export function viewOfProgress({ order, progress: found, why: reason, detail }: ProgressParts) {
  const { stages, ...numbers } = found;
  return {
    order: order._id,
    version: order.version,
    ...numbers,
    why: viewOfWhy(reason),
    stages: stages?.map(({ title, budget, after, backTo, data, ...is }) => ({
      ...viewOfStage(is, askingOf(order.state, is)),
      ...{ title, budget, after: [...after], backTo: [...backTo] },
      ...(data && { data }),
    })),
    ...(detail === 'full' && { history: order.history.map(viewOfLine) }),
  };
}

function viewOfLine(entry: HistoryLine): z.infer<typeof line> {
  const { seq, at, work, actor, cause, action, outcome, code, message, reason, events } = entry;
  return { seq, at: iso(at), work, actor, cause, action, outcome, code, message, reason, events };
}
