/** GET and POST /admin/sign-in: an API key for a cookie, so that a browser can open the queue board. */
import { z } from 'zod';
import type { Route } from '../context.ts';
import { smallBody } from '../http/body-limits.ts';
import { openToAll } from '../http/policy.ts';
import { sessionCookie } from '../http/sessions.ts';
import { html } from './html.ts';
import { type Page, sendPage } from './page.ts';

const board = '/admin/queues';

export const signInPages: Route = (api, { models, clock, secret }) => {
  const schema = { tags: ['Pages'], hide: true };
  api.route({
    method: 'GET',
    url: '/admin/sign-in',
    config: openToAll,
    schema,
    handler: (_request, reply) => sendPage(reply, signInPage()),
  });
  api.route({
    method: 'POST',
    url: '/admin/sign-in',
    ...smallBody,
    config: openToAll,
    schema: { ...schema, body: z.strictObject({ key: z.string().max(200) }) },
    async handler(request, reply) {
      const key = await models.apiKeys.find(request.body.key.trim(), clock.now());
      if (!key) return sendPage(reply, signInPage('This key is unknown or no longer valid.'));
      const secure = request.protocol === 'https';
      return reply.header('set-cookie', sessionCookie(key._id, clock, { secret, secure })).redirect(board, 303);
    },
  });
};

function signInPage(wrong?: string): Page {
  return {
    title: 'Sign in',
    agency: { name: 'Orderworks' },
    status: wrong ? 401 : 200,
    content: html`<h1>Sign in to the queues</h1>
<p class="lead">Use an API key whose role can manage queues. You stay signed in for eight hours.</p>
<form method="post">
<div class="field"><label for="key">API key</label>
${wrong && html`<p class="error" id="wrong" role="alert">${wrong}</p>`}
<input type="password" name="key" id="key" autocomplete="off" required${wrong && html` aria-invalid="true" aria-describedby="wrong"`}></div>
<button type="submit">Sign in</button>
</form>`,
  };
}
