/** What callers of the API send: naughty texts in every field of every route, broken JSON, and too much of everything. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';
import { naughty } from '../naughty.ts';
import { aTenant, putOrderAt } from '../orders.ts';
import type { Stage } from '../stage.ts';

const atOnce = 16;

interface Operation {
  parameters?: { in: 'path' | 'query' | 'header'; name: string; example?: unknown }[];
  requestBody?: { content?: Record<string, { example?: unknown }> };
}

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

async function routes(): Promise<Route[]> {
  const text = await readFile(join(import.meta.dirname, '../../../openapi.json'), 'utf8');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

const exampleOf = ({ operation }: Route): unknown => operation.requestBody?.content?.['application/json']?.example;

/** The example with one of its values, at whatever depth, replaced; one for each value. */
function replaced(value: unknown, by: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [by];
  const entries = Object.entries(value);
  const inside = entries.flatMap(([name, one]) =>
    replaced(one, by).map((changed) =>
      Array.isArray(value) ? value.with(Number(name), changed) : { ...value, [name]: changed },
    ),
  );
  return [...inside, by];
}

const filled = ({ path }: Route, name: string, text: string): string =>
  path.replace(/\{(\w+)\}/g, (_, is) => encodeURIComponent(is === name ? text : 'x'));

const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

type Sent = Parameters<Stage['ask']>[0];

/** Every field of the route, each with the text in its place. */
function withText(route: Route, text: string): Sent[] {
  const { method, operation } = route;
  const wellFormed = Buffer.from(text).toString();
  const parameters = operation.parameters ?? [];
  const plain = filled(route, '', '');
  const body = exampleOf(route);
  const usual = { method, ...(body !== undefined && { body }) };
  return [
    ...parameters
      .filter(({ in: place }) => place === 'path')
      .map(({ name }) => ({ ...usual, path: filled(route, name, wellFormed) })),
    ...parameters
      .filter(({ in: place }) => place === 'query')
      .map(({ name }) => ({ ...usual, path: `${plain}?${name}=${encoded(text)}` })),
    { ...usual, path: `${plain}?${encoded(text)}=${encoded(text)}` },
    ...(body === undefined ? [] : replaced(body, text).map((changed) => ({ method, path: plain, body: changed }))),
  ];
}

async function sendAll(stage: Stage, all: Sent[], isRight: (status: number) => boolean): Promise<string[]> {
  const wrong: string[] = [];
  const queue = all.values();
  const sendOn = async () => {
    for (const sent of queue) {
      const { status, text } = await stage.ask(sent);
      if (!isRight(status)) wrong.push(`${sent.method} ${sent.path.slice(0, 80)}: ${status} ${text.slice(0, 120)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sendOn));
  return wrong;
}

/** Faults are counted by whoever asks; whether a text is good in its field is the field's own matter. */
const anyAnswer = () => true;
const isRefused = (status: number) => status >= 400 && status < 500;

export const naughtyFields: Attack = {
  item: 8,
  name: 'texts in fields',
  sends: `some of ${naughty.length} naughty texts in every field of every route`,
  async play(stage) {
    const all = await routes();
    const each = Math.max(1, Math.round(3 * stage.share));
    const some = () => Array.from({ length: each }, () => naughty[Math.floor(stage.random() * naughty.length)] ?? '');
    const sent = all.flatMap((route) => some().flatMap((text) => withText(route, text)));
    const chosen = stage.share < 1 ? sent.filter(() => stage.random() < stage.share) : sent;
    return sendAll(stage, chosen, anyAnswer);
  },
};

const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}1${close.repeat(levels)}`;
const unsound: string[] = [
  '"a\\ud800b"',
  '"a\\u0000b"',
  '{"a\\u0000":1}',
  '{"\\ud800":1}',
  '1e999',
  '[0,-1e999]',
  nested(20_000),
  nested(100, '{"a":', '}'),
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  JSON.stringify(Array.from({ length: 20_000 }, () => 1)),
];
const noJson = ['{', 'not JSON', '\0', '{"a":}', '"', '\ufeff{}', '{"a":1}{"b":2}'];

const mark = '(what is put in its place)';

/** What an order of the tenant is made and changed by, which is taken as it stands. */
async function goodRequests(stage: Stage): Promise<Sent[]> {
  const tenant = await aTenant(stage.world, 'door');
  const id = await putOrderAt(stage.world, { ...tenant, product: 'listings', stage: 'duplicate_scan' });
  const client = { name: 'Cleo', email: 'cleo@clients.example' };
  const sold = { account: tenant.account, product: 'listings', tier: 'basic', title: 'Fine', reference: 'r-1', client };
  const note = { type: 'note-order', text: 'Fine' };
  return [
    { method: 'POST', path: '/v1/admin/orders', body: sold },
    { method: 'PUT', path: `/v1/admin/orders/${id}`, body: { title: 'Fine' } },
    { method: 'PUT', path: `/v1/admin/orders/${id}/labels`, body: { command: note } },
    { method: 'PUT', path: `/v1/admin/orders/${id}/status`, body: { status: 'paused', reason: 'Fine' } },
    { method: 'POST', path: '/v1/jobs', body: { order: id, command: note, reason: 'Fine' } },
  ];
}

/** Requests that are good but for one value. Without the door, most of these texts would be stored. */
const spoilt = (good: Sent[]): Sent[] =>
  good.flatMap((sent) =>
    replaced(sent.body, mark).flatMap((changed) =>
      unsound.map((text) => ({ ...sent, body: JSON.stringify(changed).replace(JSON.stringify(mark), text) })),
    ),
  );

export const oneDoor: Attack = {
  item: 6,
  name: 'what no JSON may hold',
  sends:
    'depth, surrogates, NUL, 1e999, prototypes and broken JSON to every route that takes a body, and as one value of good requests',
  async play(stage) {
    const taking = (await routes()).filter((route) => route.method !== 'GET' && route.path.startsWith('/v1/'));
    const bodies = [...unsound.map((text) => `{"x":${text}}`), ...unsound, ...noJson];
    const sent = taking.flatMap((route) => {
      const { method } = route;
      return bodies.map((body) => ({ method, path: filled(route, '', ''), body }));
    });
    const some = stage.share < 1 ? sent.filter(() => stage.random() < stage.share) : sent;
    return sendAll(stage, [...some, ...spoilt(await goodRequests(stage))], isRefused);
  },
};

const mostOfAnswer = 64_000;

export const tooMuch: Attack = {
  item: 7,
  name: 'too much',
  sends: '300,000 unknown fields, 9 MB and 197 kB bodies, 100,000 query parameters',
  async play(stage) {
    const taking = (await routes()).filter((route) => route.method === 'POST' || route.method === 'PUT');
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, 1]));
    const bodies = [fields(300_000), fields(5_000), { x: 'y'.repeat(9_000_000) }, 'z'.repeat(197_000)];
    const wrong: string[] = [];
    for (const route of taking.filter((_, at) => at % Math.round(1 / stage.share) === 0)) {
      for (const body of bodies) {
        const { status, text } = await stage.ask({ method: route.method, path: filled(route, '', ''), body });
        // What is far too large may be cut off in the midst of being sent.
        if (status !== 0 && !isRefused(status)) wrong.push(`${route.path} took it: ${status}`);
        if (text.length > mostOfAnswer) wrong.push(`${route.path} answered ${text.length} characters`);
      }
    }
    const many = Array.from({ length: 1_000 }, (_, at) => `x${at}=1`).join('&');
    return [...wrong, ...(await sendAll(stage, [{ path: `/v1/admin/orders?${many}` }], isRefused))];
  },
};
