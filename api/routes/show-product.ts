/**
 * GET /v1/products/:product: all that another service needs to place an order of it and to work on it. What is asked for is
 * JSON Schema, made from the schemas that judge it; the rules beyond a single field are told when they are broken.
 */
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import type { Stage, Workflow } from '../../workflows/graph/workflow.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { oneOf } from '../../workflows/words/messages.ts';
import type { Route } from '../context.ts';
import { may } from '../http/policy.ts';

const jsonSchema = z.record(z.string(), z.unknown());

const stage = z.object({
  ...{ key: z.string(), title: z.string(), gate: z.string(), budget: z.number().describe('Business days.') },
  after: z.array(z.string()).describe('The stages that come right before it.'),
  backTo: z.array(z.string()).describe('The stages that it can send an order back to.'),
  shows: z.array(z.string()).optional().describe('The stages whose data the client approves here.'),
  vouchesFor: z.array(z.string()).optional().describe('The stages that are checked here by a second person.'),
  onlyFor: z
    .object({ tiers: z.array(z.string()).optional(), options: z.record(z.string(), z.unknown()).optional() })
    .optional()
    .describe('The tiers and options that have this stage; the others skip it.'),
  needs: z
    .array(z.object({ fact: z.string(), missing: z.string(), cure: z.string() }))
    .describe('What the account must have before the stage opens.'),
  data: jsonSchema.optional().describe('JSON Schema of what the stage is completed with.'),
  example: jsonSchema.optional().describe('Data that the stage can be completed with.'),
});

const product = z
  .object({
    ...{ product: z.string(), title: z.string(), tiers: z.array(z.string()), managed: z.boolean(), version: z.int() },
    options: jsonSchema.describe('JSON Schema of the options of an order.'),
    stages: z.array(stage),
  })
  .meta({ id: 'ProductDetails' });

const path = z.strictObject({ product: z.string().max(64) });

export const showProduct: Route = (api) => {
  const shown = new Map(Object.keys(products).map((key) => [key, viewOf(workflowFor(key))]));
  api.route({
    ...{ method: 'GET', url: '/v1/products/:product', config: may('read', 'order') },
    schema: { tags: ['Products'], summary: 'Show a product', params: path, response: { 200: product } },
    async handler({ params }) {
      const found = shown.get(params.product);
      if (!found) throw new Refusal('not_found', `"${params.product}" is not sold. Use ${oneOf([...shown.keys()])}.`);
      return found;
    },
  });
};

const viewOf = ({
  product: key,
  title,
  tiers,
  managed,
  version,
  options,
  stages,
}: Workflow): z.infer<typeof product> => ({
  ...{ product: key, title, tiers: [...tiers], managed, version },
  options: schemaOf(options),
  stages: stages.map(viewOfStage),
});

function viewOfStage(declared: Stage): z.infer<typeof stage> {
  const { key, title, gate, budget, after, backTo, shows, vouchesFor, when, needs = [], exit } = declared;
  return {
    ...{ key, title, gate, budget, after: [...after], backTo: [...backTo] },
    ...(shows.length > 0 && { shows: [...shows] }),
    ...(vouchesFor && { vouchesFor: [...vouchesFor] }),
    ...(when && { onlyFor: { tiers: when.tiers && [...when.tiers], options: when.options } }),
    needs: needs.map(({ fact, missing, cure }) => ({ fact, missing, cure })),
    ...(exit && { data: schemaOf(exit), example: exampleOf(declared) }),
  };
}

/** What JSON Schema has no words for is left open, and judged when it comes. */
function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, examples: __, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
