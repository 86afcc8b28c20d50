/** The operations that report, or say how the service itself is doing. */
import type { Operations } from './operation.ts';

export const reportOperations: Operations = {
  'GET /v1/admin/analytics/overview': {
    description:
      'Counts the orders of a period, and tells how long those that went live took and who had the ball. Durations are in milliseconds.',
    answer: 'The figures, in all and by product.',
    example: { query: { compare: 'previous' } },
  },
  'GET /v1/admin/analytics/stages': {
    description:
      'Tells for each stage how long it took, who it waited for, and how often it was sent back. Durations are in milliseconds.',
    answer: 'The figures, by product and stage.',
    example: { query: { product: 'seo' } },
  },
  'GET /v1/admin/analytics/exceptions': {
    description:
      'Counts the exceptions that were granted for checks which could not be passed, by product, by stage and by check.',
    answer: 'The figures.',
    example: { query: { product: 'seo' } },
  },
  'GET /v1/admin/analytics/sla': {
    description:
      'Counts the rounds that ended within their budget of business time and those that did not, and lists the open ones that are over it. Durations are in milliseconds of business time.',
    answer: 'The figures, in all, by product and by stage.',
    example: { query: { time_zone: 'Europe/Berlin' } },
  },
  'GET /v1/products': {
    description: 'Lists what is sold, in which tiers, and the stages that each product goes through.',
    answer: 'The products.',
    example: {},
  },
  'GET /v1/products/{product}': {
    description:
      'Shows all that is needed to order a product and to work on it: its tiers, its options, and for each stage what comes before it, what it waits for and which data it is completed with, as JSON Schema with an example.',
    answer: 'The product.',
    example: { path: { product: 'seo' } },
  },
  'GET /health/live': {
    description: 'Answers as long as the process does. For a restart policy.',
    answer: 'The process is alive.',
    example: { as: 'nobody' },
  },
  'GET /health/ready': {
    description: 'Tells whether requests are accepted. Without Redis they are, and are carried out later.',
    answer: 'Requests are accepted.',
    example: { as: 'nobody' },
  },
  'GET /v1/admin/processes': {
    description: 'Lists the processes that work, since when, and when each was last heard of.',
    answer: 'The processes.',
    example: {},
  },
  'GET /metrics': {
    description: 'What this process has counted, in the text format of Prometheus.',
    answer: 'The metrics.',
    example: {},
  },
};
