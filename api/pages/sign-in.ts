/** /admin/sign-in, an API key for a cookie, so that a browser can open the queue board; and /admin/sign-out, which ends the session. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { after } from '../../kernel/time.ts';
import type { Api, Dependencies, Route } from '../context.ts';
import { smallBody } from '../http/body-limits.ts';
import { openToAll } from '../http/policy.ts';
import { requireSameSite } from '../http/same-site.ts';
import { endedCookie, sessionCookie, sessionLifetime, tokenInCookie } from '../http/sessions.ts';
import { html } from './html.ts';
import { type Page, writePage } from './page.ts';

const board = '/admin/queues';
const schema = { tags: ['Pages'], hide: true };

export const signInPages: Route = (api, deps) => {
  signIn(api, deps);
  signOut(api, deps);
};

function signIn(api: Api, { models, clock, publicUrl }: Dependencies): void {
  const url = '/admin/sign-in';
  api.route({
    ...{ method: 'GET', url, config: openToAll, schema },
    handler: (_request, reply) => sendOwn(reply, signInPage()),
  });
  api.route({
    ...{ method: 'POST', url, config: openToAll, ...smallBody },
    schema: { ...schema, body: z.strictObject({ key: z.string().max(200) }) },
    async handler(request, reply) {
      requireSameSite(request, publicUrl);
      const key = await models.apiKeys.find(request.body.key.trim(), clock.now());
      if (!key) return sendOwn(reply, signInPage('This key is unknown or no longer valid.'));
      const token = await models.sessions.begin(key._id, after(clock.now(), sessionLifetime));
      return reply.header('set-cookie', sessionCookie(token, isSecure(request, publicUrl))).redirect(board, 303);
    },
  });
}

function signOut(api: Api, { models, publicUrl }: Dependencies): void {
  const url = '/admin/sign-out';
  api.route({
    ...{ method: 'GET', url, config: openToAll, schema },
    handler: (_request, reply) => sendOwn(reply, signOutPage),
  });
  api.route({
    ...{ method: 'POST', url, config: openToAll, ...smallBody, schema },
    async handler(request, reply) {
      requireSameSite(request, publicUrl);
      const token = tokenInCookie(request.headers.cookie);
      if (token !== undefined) await models.sessions.end(token);
      return reply.header('set-cookie', endedCookie(isSecure(request, publicUrl))).redirect('/admin/sign-in', 303);
    },
  });
}

/** By the address that browsers use: whether the last step to this process is encrypted says nothing about the first. */
const isSecure = ({ protocol }: FastifyRequest, publicUrl: string | undefined): boolean =>
  publicUrl === undefined ? protocol === 'https' : publicUrl.startsWith('https:');

/** Browsers say where a form comes from only if the page lets them; these addresses are no secret. */
function sendOwn(reply: FastifyReply, page: Page): FastifyReply {
  const markup = writePage(reply, page);
  return reply.header('referrer-policy', 'same-origin').serializer(String).send(markup);
}

const signOutPage: Page = {
  title: 'Sign out',
  agency: { name: 'Orderworks' },
  content: html`<h1>Sign out of the queues</h1>
<p class="lead">Your session ends, here and for every copy of its cookie. Sessions in other browsers go on; to end all sessions of a key, revoke the key.</p>
<form method="post"><button type="submit">Sign out</button></form>`,
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
