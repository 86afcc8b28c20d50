/** GET /v1/admin/accounts: the accounts that a caller may see, by id; `q` finds them by the beginnings of words. */
import { z } from 'zod';
import { questionWords } from '../../kernel/fold.ts';
import type { Route } from '../context.ts';
import { callerIn } from '../http/auth.ts';
import { openCursor, sealCursor } from '../http/cursor.ts';
import { may } from '../http/policy.ts';
import { pageOf } from '../reads/order-list.ts';
import { account, viewOfAccount } from '../schemas/account.ts';
import { whole } from '../schemas/order-query.ts';

const query = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1, 'Enter a part of a name.')
    .max(200)
    .optional()
    .describe('Words, or beginnings of words, of the name of the account or of its contact.'),
  limit: whole(1, 200).default(50),
  cursor: z.string().max(500).optional().describe('The `nextCursor` of the page before.'),
});

export const listAccounts: Route = (api, { models, secret }) =>
  api.route({
    ...{ method: 'GET', url: '/v1/admin/accounts', config: may('read', 'account') },
    schema: {
      ...{ tags: ['Accounts'], summary: 'List accounts' },
      ...{ querystring: query, response: { 200: pageOf(account) } },
    },
    async handler(request) {
      const { q, limit, cursor } = request.query;
      const { scope } = callerIn(request);
      const list = { accounts: scope, q };
      const after = cursor === undefined ? undefined : openCursor(cursor, list, secret).id;
      const words = q === undefined ? [] : questionWords(q);
      const found = await models.lookups.accounts(scope, { words, after, limit: limit + 1 });
      const data = found.slice(0, limit);
      const last = data.at(-1);
      const hasMore = found.length > limit;
      const next = hasMore && last && { nextCursor: sealCursor({ value: '', id: last._id }, list, secret) };
      return { data: data.map(viewOfAccount), page: { limit, hasMore, ...next } };
    },
  });
