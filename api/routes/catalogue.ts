/** GET /v1/products: what is sold, in which tiers, and the stages each product goes through. */
import { z } from 'zod';
import { catalogue } from '../../workflows/index.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';

const product = z
  .object({
    product: z.string(),
    title: z.string(),
    tiers: z.array(z.string()),
    managed: z.boolean(),
    onboarding: z.boolean().describe('Whether the client is emailed a form.'),
    version: z.int(),
    stages: z.array(
      z.object({ key: z.string(), title: z.string(), gate: z.string(), budget: z.number().describe('Business days.') }),
    ),
  })
  .meta({ id: 'Product' });

export const catalogueRoute: Route = (api) =>
  api.route({
    method: 'GET',
    url: '/v1/products',
    config: may('read', 'order'),
    schema: {
      tags: ['Products'],
      summary: 'List products',
      response: { 200: z.object({ data: z.array(product) }) },
    },
    handler: async () => ({ data: catalogue().map((entry) => ({ ...entry, tiers: [...entry.tiers] })) }),
  });
