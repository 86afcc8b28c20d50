/** /v1/admin/accounts/:id/grants: the accesses of an account, asked for once for all its orders. */
import { z } from 'zod';
import { type AccountCommand, probe } from '../../workflows/accounts/commands.ts';
import { type GrantName, grantNames } from '../../workflows/accounts/names.ts';
import { evidence } from '../../workflows/validators/text.ts';
import { commandAccount } from '../commands/command-account.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { may } from '../http/policy.ts';
import { findAccount } from '../reads/find-order.ts';
import { grant, viewOfGrants } from '../schemas/account.ts';
import { acceptingForAccount } from '../schemas/job.ts';
import { etagOf } from '../schemas/order.ts';
import { accountHeaders, accountPath, reason } from '../schemas/wire.ts';

const name = z.enum(grantNames);
const how = probe
  .default({ type: 'attestation' })
  .describe('How it is checked: an endpoint, a DNS record, or an attestation by staff.');

const requested = z.strictObject({ grant: name, probe: how, reason: reason.optional() });

const body = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('request'), probe: how, reason: reason.optional() }),
  z.strictObject({
    action: z.literal('attest'),
    evidence: evidence.describe('What was found, and where.'),
    expires_at: z.iso.datetime('Use a UTC time such as 2026-03-31T09:00:00Z.').optional(),
    reason: reason.optional(),
  }),
  z.strictObject({ action: z.literal('refuse'), reason }),
  z.strictObject({ action: z.literal('revoke'), reason }),
  z.strictObject({ action: z.literal('probe'), reason: reason.optional() }),
]);

const tags = ['Accounts'];

export const grantRoutes: Route = (api, deps) => {
  api.route({
    ...{ method: 'GET', url: '/v1/admin/accounts/:id/grants', config: may('read', 'account') },
    schema: {
      ...{ tags, summary: 'List the access grants of an account', params: accountPath },
      response: { 200: z.object({ data: z.array(grant) }) },
    },
    async handler(request, reply) {
      const found = await findAccount(callerIn(request).scope, request.params.id, deps);
      return reply.header('etag', etagOf(found)).send({ data: viewOfGrants(found) });
    },
  });

  api.route({
    ...{ method: 'POST', url: '/v1/admin/accounts/:id/grants', config: may('update', 'account') },
    schema: {
      ...{ tags, summary: 'Request access', params: accountPath, headers: accountHeaders },
      ...{ body: requested, response: acceptingForAccount },
    },
    async handler(request, reply) {
      const { reason: why, ...asked } = request.body;
      const commanded = { account: request.params.id, command: { type: 'request-grant' as const, ...asked } };
      return commandAccount({ request, reply }, { ...commanded, reason: why }, deps);
    },
  });

  api.route({
    ...{ method: 'PUT', url: '/v1/admin/accounts/:id/grants/:grant', config: may('update', 'account') },
    schema: {
      ...{ tags, summary: 'Request, attest, refuse or revoke access, or check it now' },
      ...{ params: accountPath.extend({ grant: name }), headers: accountHeaders, body, response: acceptingForAccount },
    },
    async handler(request, reply) {
      const { id, grant: which } = request.params;
      const command = commandOf(which, request.body);
      return commandAccount({ request, reply }, { account: id, command, reason: request.body.reason }, deps);
    },
  });
};

function commandOf(which: GrantName, asked: z.infer<typeof body>): AccountCommand {
  switch (asked.action) {
    case 'request':
      return { type: 'request-grant', grant: which, probe: asked.probe };
    case 'attest': {
      const ends = asked.expires_at !== undefined && { expiresAt: asked.expires_at };
      return { type: 'attest-grant', grant: which, evidence: asked.evidence, ...ends };
    }
    case 'refuse':
      return { type: 'refuse-grant', grant: which };
    case 'revoke':
      return { type: 'revoke-grant', grant: which };
    case 'probe':
      return { type: 'probe-grant', grant: which };
  }
}
