/** Somebody who guesses keys, links and sessions, from the very address that good callers come from, and from many more. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../../kernel/time.ts';
import { tokenFor } from '../../../kernel/tokens.ts';
import type { Link } from '../../../models/link.ts';
import { freePort } from '../../../scripts/servers/ports.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const guessesPerSecond = 100;
const lastsFor = 20_000;
const idleFor = 10_000;
const slower = 2;
/** Shorter times differ by themselves. */
const shortest = 50;
/** What one address is told of its guesses, and what all are, in a minute; those under way come on top. */
const limits = { address: 30, all: 600, underWay: 20 };

const madeUp = () => `${Math.random().toString(36)}${'x'.repeat(60)}`.slice(2, 45);
const form = { 'content-type': 'application/x-www-form-urlencoded' };

interface Asking {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  from?: string;
}

const guesses: (() => Asking)[] = [
  () => ({ path: '/v1/products', headers: { authorization: `Bearer ow_${'a'.repeat(12)}_${madeUp()}` } }),
  () => ({ path: `/onboarding/${madeUp()}` }),
  () => ({ path: `/approve/${madeUp()}` }),
  () => ({ path: '/admin/queues/api/queues', headers: { cookie: `ow_session=${madeUp()}` } }),
  () => ({ path: '/admin/sign-in', method: 'POST', headers: form, body: `key=ow_${'a'.repeat(12)}_${madeUp()}` }),
  () => ({ path: '/v1/callbacks/nobody', method: 'POST', headers: { 'webhook-id': madeUp() }, body: '' }),
];

/** Resolves to the status, 0 when there was no answer. */
function ask(url: string, { path, method = 'GET', headers = {}, body, from }: Asking): Promise<number> {
  return new Promise((resolve) => {
    const options = { method, headers, agent: new Agent({ keepAlive: false }), ...(from && { localAddress: from }) };
    const asked = request(`${url}${path}`, options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', () => resolve(0));
    asked.setTimeout(20_000, () => asked.destroy());
    asked.end(body);
  });
}

interface Flood {
  /** What guessers were answered, by the address that they came from. */
  answers: { from: string; status: number }[];
}

/** Every second guess comes from the good callers' own address, every other one from one of a hundred more. */
async function flood(urls: string[]): Promise<Flood> {
  const answers: Flood['answers'] = [];
  const flying: Promise<unknown>[] = [];
  const begun = performance.now();
  for (let n = 0; performance.now() - begun < lastsFor; ) {
    const wanted = ((performance.now() - begun) / 1_000) * guessesPerSecond;
    for (; n < wanted; n += 1) {
      const from = n % 2 === 0 ? '127.0.0.1' : `127.0.1.${1 + (n % 100)}`;
      const guess = guesses[n % guesses.length]?.() ?? { path: '/' };
      // Whoever is not believed to be a proxy may say what it likes of whom it speaks for.
      const headers = { ...guess.headers, 'x-forwarded-for': `10.0.${n % 250}.1` };
      const url = urls[Math.floor(n / 2) % urls.length] ?? '';
      flying.push(ask(url, { ...guess, headers, from }).then((status) => answers.push({ from, status })));
    }
    await wait(10);
  }
  await Promise.all(flying);
  return { answers };
}

/** Good callers meanwhile, in turn: a client's page, a key at the sign-in, a session of the board. */
async function goodCallers({ apiUrl, models, secrets }: World, until: Promise<unknown>, link: Link): Promise<string[]> {
  const token = tokenFor(secrets.linkSecret, { kind: 'link', id: link._id, generation: link.generation });
  const house = await models.apiKeys.issue({ name: 'h', type: 'staff', role: 'order_admin' }, systemClock.now());
  const session = await models.sessions.begin(house.id, new Date(systemClock.now().getTime() + 3_600_000));
  const asked: [Asking, number][] = [
    [{ path: `/onboarding/${token}` }, 200],
    [{ path: '/admin/sign-in', method: 'POST', headers: form, body: `key=${house.key}` }, 303],
    [{ path: '/admin/queues/api/queues', headers: { cookie: `ow_session=${session}` } }, 200],
  ];
  const wrong: string[] = [];
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const [asking, wanted] of asked) {
      const status = await ask(apiUrl, asking);
      if (status !== wanted) wrong.push(`${asking.path.split('/')[1]}: ${status}`);
    }
    await wait(200);
  }
  return wrong;
}

/** The link of an order that nobody takes along: it stays open. */
async function anOpenLink({ load, models }: World): Promise<Link> {
  const { body } = await load.create({ title: 'An order whose client takes their time' });
  const { order } = body as { order: { id: string } };
  return eventually(async () => (await models.links.ofOrder(order.id))[0], { within: 30_000 });
}

const p95 = (times: number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;

export const guessed: Scenario = {
  id: 'N3',
  alone: true,
  fault: `${guessesPerSecond} guesses a second for ${lastsFor / 1_000} s at keys, links, sessions, signatures and the sign-in, at two API processes, half of them from the good callers' own address and half from a hundred others`,
  threshold: `every good key, link and session passes; others' p95 ≤ ${slower} × idle (of ${shortest} ms at least); at most ${limits.address} guesses of an address are answered, over both processes; no 5xx`,
  recoverWithin: 30,
  async run(world) {
    const { load, spawn, apiUrl } = world;
    const port = String(await freePort());
    const second = spawn('api2', 'api/main.ts', { env: { PORT: port } });
    await second.start();
    const link = await anOpenLink(world);
    load.begin({ perSecond: 4 });
    await wait(idleFor);
    const idle = load.tries.map(({ ms }) => ms);
    const before = load.tries.length;
    const flooding = flood([apiUrl, `http://127.0.0.1:${port}`]);
    const [{ answers }, wrong] = await Promise.all([flooding, goodCallers(world, flooding, link)]);
    const endedAt = performance.now();
    await load.end(60_000);
    const tries = load.tries.slice(before);
    const [quiet, busy] = [p95(idle), p95(tries.map(({ ms }) => ms))];
    const told = answers.filter(({ status }) => status === 401 || status === 404);
    const ofOwn = told.filter(({ from }) => from === '127.0.0.1').length;
    const refused = tries.filter(({ status }) => [0, 401, 403, 429].includes(status) || status >= 500);
    const faults = answers.filter(({ status }) => status === 0 || status >= 500);
    return {
      endedAt,
      note: `${answers.length} guesses, ${told.length} answered (${ofOwn} of the good callers' address), the rest 429; others' p95 ${Math.round(quiet)} ms idle, ${Math.round(busy)} ms beside them`,
      missed: [
        ...(refused.length > 0 ? [`${refused.length} good requests failed, such as ${refused[0]?.status}`] : []),
        ...(wrong.length > 0 ? [`good callers were turned away: ${[...new Set(wrong)].join(', ')}`] : []),
        ...(ofOwn > limits.address + limits.underWay ? [`${ofOwn} guesses of one address were answered`] : []),
        ...(told.length > limits.all + limits.underWay ? [`${told.length} guesses were answered in all`] : []),
        ...(faults.length > 0 ? [`${faults.length} guesses ended with ${faults[0]?.status}`] : []),
        ...(busy <= Math.max(quiet, shortest) * slower ? [] : [`others waited ${busy} ms, ${quiet} ms when idle`]),
      ],
    };
  },
};
