/**
 * Answers of analytics. Times are in milliseconds; a share is a number from 0 to 1. Every figure is an object, so that it
 * has its like of another period beside it when that was asked for.
 */
import { z } from 'zod';
import { time } from './wire.ts';

const figureOf = (id: string, unit: string, value: string) =>
  z
    .object({
      value: z.number().nullable().describe(`${value} Null if there is nothing to compute it from.`),
      previous: z.number().nullable().optional().describe(`The like of the period before, ${unit}.`),
      absolute: z.number().nullable().optional().describe(`\`value\` less \`previous\`, ${unit}.`),
      relative: z.number().nullable().optional().describe('`absolute` as a fraction of `previous`; null if that is 0.'),
    })
    .meta({ id, description: `A figure, ${unit}.` });

const figure = figureOf('Count', 'as a number of them', 'How many.');
const share = figureOf('Share', 'as a fraction', 'A fraction from 0 to 1.');
const duration = figureOf('Duration', 'in milliseconds', 'Milliseconds.');

const spread = {
  median: duration,
  p90: duration,
};

const span = z.object({ start_date: z.iso.date(), end_date: z.iso.date(), from: time, to: time });

/** What every answer begins with. */
const head = {
  timeZone: z.string().describe('Time zone of these days.'),
  period: span,
  previous: span.optional().describe('The period compared with.'),
};

const held = z.object({
  wall: duration,
  business: duration,
  share,
});

const overview = {
  created: figure,
  live: figure.describe('Went live for the first time.'),
  cancelled: figure,
  open: figure.describe('Created, and neither live nor closed at the end of the period.'),
  statuses: z
    .object({
      ...{ created: figure, onboarding: figure, setup: figure, live: figure },
      ...{ paused: figure, completed: figure, cancelled: figure },
    })
    .describe('Orders created in the period, by their current status.'),
  timeToLive: z.object(spread).describe('From creation to going live, for orders that went live.'),
  holders: z
    .object({
      ...{ client: held, agency: held, fulfillment: held, third_party: held, system: held, nobody: held },
    })
    .describe('Who held the ball during that time.'),
};

export const overviewAnswer = z.object({
  ...head,
  total: z.object(overview),
  products: z.array(z.object({ product: z.string(), ...overview })),
});

const waited = z.object({ rounds: figure, ...spread });

const stage = z.object({
  ...{ product: z.string(), stage: z.string(), orders: figure, rounds: figure },
  ours: z.object(spread).describe('Business time that we held the ball, over the rounds in which we did.'),
  waiting: z
    .object({ client: waited, agency: waited, third_party: waited, nobody: waited })
    .describe('Time that others had the ball, over the rounds in which they had it.'),
  backEdges: figure.describe('Rounds that were sent back.'),
  backEdgeRate: share,
});

export const stagesAnswer = z.object({ ...head, stages: z.array(stage) });

const exceptions = {
  rounds: figure.describe('Rounds of stages that ended.'),
  exceptions: figure.describe('Rounds that were left by an exception from their check.'),
  exceptionRate: share,
};

export const exceptionsAnswer = z.object({
  ...head,
  total: z.object(exceptions),
  stages: z.array(z.object({ product: z.string(), stage: z.string(), ...exceptions })),
});

const sla = { within: figure, breached: figure, withinRate: share };

const overdue = z.object({
  ...{ order: z.string(), account: z.string(), product: z.string(), stage: z.string(), round: z.int() },
  ...{ holder: z.string(), enteredAt: time, budget: z.number(), spent: z.number(), over: z.number() },
});

export const slaAnswer = z.object({
  ...head,
  total: z.object(sla),
  products: z.array(z.object({ product: z.string(), ...sla })),
  stages: z.array(z.object({ product: z.string(), stage: z.string(), ...sla })),
  open: z
    .object({ breached: z.int(), worst: z.array(overdue) })
    .describe('Open rounds that are over budget now, regardless of the period; the worst twenty.'),
});
