/** The OpenAPI description, generated from the schemas that validate, and its reference page at /docs. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { openToAll } from './http/policy.ts';
import { complete, type OpenApi } from './reference/complete.ts';
import { theme } from './reference/theme.ts';

const description = `Orders of marketing services, from purchase to live. What is asked is kept at once and done
by workers: commands answer 202 with a job, or 200 with its outcome under \`Prefer: wait=5\`. Refusals are problem
documents (RFC 9457); ERRORS.md lists their codes. The examples work as they stand in the demo, \`./scripts/demo\`.`;

/** Register before the routes: they are collected as they are added. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Orderworks', version: '1', description },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key.' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => complete(jsonSchemaTransformObject(document) as OpenApi, keyed(app)) as never,
  });
}

/** True for addresses, as OpenAPI writes them, that nobody gets past without a key. */
const keyed = (app: FastifyInstance) => (path: string) =>
  app.knownRoutes.some(({ url, policy }) => policy !== 'open' && url === path.replace(/\{(\w+)\}/g, ':$1'));

export async function serveReference(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...openToAll };
    });
    await scope.register(swaggerUi, {
      ...{ routePrefix: '/docs', staticCSP: true, theme },
      uiConfig: { docExpansion: 'list', layout: 'BaseLayout' },
    });
  });
}
