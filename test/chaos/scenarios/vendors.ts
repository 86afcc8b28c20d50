/** Faults of those outside: vendors that fail in every way, and callbacks that come too often, too late, or from anybody. */
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../../../kernel/ids.ts';
import { after, seconds, systemClock } from '../../../kernel/time.ts';
import { signedHeaders } from '../../../runtime/webhook.ts';
import type { VendorManners } from '../../../scripts/simulators/vendor.ts';
import { eventually } from '../../support/eventually.ts';
import { type Errand, errandOf, outcomes, passTime, send } from '../errands.ts';
import type { Scenario } from '../scenario.ts';
import { secretOf } from '../vendors.ts';
import { quiesce, type World } from '../world.ts';

const none = 'lost 0, duplicates 0, gaps 0';
const nothing = 'http://127.0.0.1:1/';

const bad: Record<string, VendorManners> = {
  failing: { status: 500 },
  busy: { status: 429, retryAfter: 10 },
  silent: { taking: 'hang' },
  elsewhere: { redirect: nothing },
  flooding: { taking: 'flood' },
  dribbling: { taking: 'dribble' },
};
const perBad = 12;
const good = 'good';
const goods = 60;
const pause = 125;
/** A good vendor takes its time, too. */
const thinking = 400;
const slower = 1.2;

/**
 * Asks the good vendor at a steady pace, and the others beside it; resolves to the slowest of twenty of the good one, in
 * ms, from asking to having the answer.
 */
async function p95(world: World, from: number, others: Errand[] = []): Promise<number> {
  const errands = Array.from({ length: goods }, (_, n) => errandOf(good, from + n));
  for (const [n, errand] of errands.entries()) {
    const share = others.slice(Math.floor((n * others.length) / goods), Math.floor(((n + 1) * others.length) / goods));
    await Promise.all([errand, ...share].map((one) => send(world, one)));
    await wait(pause);
  }
  const all = await eventually(
    async () => {
      const found = await outcomes(world, errands);
      return found.every(({ dispatch }) => dispatch?.status === 'done') ? found : undefined;
    },
    { within: 60_000, every: 250 },
  );
  return all.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(goods * 0.95)] ?? 0;
}

/** As many calls whoever they go to: on one machine they cost time by themselves. In turn, so that none comes first. */
const errandsOf = (from: number): Errand[] =>
  Array.from({ length: perBad }, (_, n) => Object.keys(bad).map((name) => errandOf(name, from + n))).flat();

export const misbehaving: Scenario = {
  id: 'P1',
  alone: true,
  fault:
    'vendors that answer 500, 429 with Retry-After, nothing, a redirect, 2 MB, a byte at a time; beside a good one',
  threshold: `${none}; the good one's p95 ≤ 1.2 × beside as many that behave; calls end at the breaker and at Retry-After; one order each`,
  recoverWithin: 60,
  wish: { vendors: [good, ...Object.keys(bad)] },
  async run(world) {
    const vendorOf = (name: string) => world.vendors.get(name) as NonNullable<ReturnType<World['vendors']['get']>>;
    vendorOf(good).manners = { answers: 'now', delay: thinking };
    await p95(world, 1_000);
    for (const name of Object.keys(bad)) vendorOf(name).manners = { answers: 'now' };
    const usual = await p95(world, 2_000, errandsOf(1_000));
    for (const name of Object.keys(bad)) vendorOf(name).calls.length = 0;
    const errands = errandsOf(0);
    for (const [name, manners] of Object.entries(bad)) vendorOf(name).manners = manners;
    const beside = await p95(world, 3_000, errands);
    const calls = Object.fromEntries(Object.keys(bad).map((name) => [name, vendorOf(name).calls.length]));
    for (const name of Object.keys(bad)) vendorOf(name).manners = { answers: 'now' };
    const endedAt = performance.now();
    const ended = await eventually(
      async () => {
        await passTime(world);
        const found = await outcomes(world, errands);
        const ends = ['done', 'failed', 'unknown'];
        return found.every(({ dispatch }) => ends.includes(dispatch?.status ?? '')) ? found : undefined;
      },
      { within: 90_000, every: 1_000 },
    );
    const done = ended.filter(({ dispatch }) => dispatch?.status === 'done').length;
    const redirected = ended.filter(({ dispatch }) => dispatch?.vendor === 'elsewhere');
    const most = 12; // Five failures close the breaker; a few calls are under way by then.
    return {
      endedAt,
      note: `p95 ${usual} ms beside vendors that behave, ${beside} ms beside these; calls ${JSON.stringify(calls)}; ${done} of ${errands.length} done when they behave again`,
      missed: [
        ...(beside > usual * slower ? [`${(beside / usual).toFixed(2)} × as slow beside bad vendors`] : []),
        ...['failing', 'busy']
          .filter((name) => (calls[name] ?? 0) > most)
          .map((name) => `${name} was called ${calls[name]} times`),
        ...(redirected.every(({ dispatch }) => dispatch?.status === 'failed') ? [] : ['a redirect was followed']),
        ...(done < errands.length - perBad ? [`only ${done} were done in the end`] : []),
      ],
    };
  },
};

interface Said {
  dispatch: string;
  status?: 'progressed' | 'completed' | 'failed';
  id?: string;
  by?: string;
  secret?: string;
  secondsOld?: number;
}

/** Resolves to what the API answered; "not now" is asked again, as every vendor does. */
async function callBack({ apiUrl }: World, said: Said): Promise<number> {
  const { dispatch, status = 'completed', id = newId(), by = 'first', secret = by, secondsOld = 0 } = said;
  const at = after(systemClock.now(), -seconds(secondsOld));
  const result = status === 'completed' ? { state: 'COMPLETED' } : undefined;
  const body = JSON.stringify({ type: `dispatch.${status}`, data: { dispatch, status, result } });
  const headers = { 'content-type': 'application/json', ...signedHeaders([secretOf(secret)], { id, at, body }) };
  for (;;) {
    const { status: answer } = await fetch(`${apiUrl}/v1/callbacks/${by}`, { method: 'POST', headers, body });
    if (answer !== 503) return answer;
    await wait(500);
  }
}

type Table = [what: string, wanted: number, (errand: Errand) => Omit<Said, 'dispatch'>];

/** What does no harm and has no effect, each with the answer it must have. */
const harmless: Table[] = [
  ['older than 300 s', 401, () => ({ secondsOld: 302 })],
  ['of the future', 401, () => ({ secondsOld: -302 })],
  ['under a wrong secret', 401, () => ({ secret: 'nobody' })],
  ["under another vendor's secret", 401, () => ({ secret: 'second' })],
  ["for another agency's dispatch", 202, () => ({ by: 'second' })],
];

export const calledBack: Scenario = {
  id: 'C1',
  fault:
    'callbacks 10 times at once, reversed, stale, of the future, under wrong, rotated and foreign secrets, before the dispatch, for another agency',
  threshold: `${none}; each answered as the table says; one effect for each dispatch`,
  recoverWithin: 60,
  wish: { vendors: ['first', 'second'] },
  async run(world) {
    const { vendors, models } = world;
    for (const vendor of vendors.values()) vendor.manners = { answers: 'never' };
    const [plain, reversed, rotated, early] = [0, 1, 2, 3].map((n) => errandOf('first', n)) as [
      Errand,
      Errand,
      Errand,
      Errand,
    ];
    const answers: [what: string, wanted: number, was: number][] = [];
    const say = async (what: string, wanted: number, said: Said) =>
      void answers.push([what, wanted, await callBack(world, said)]);

    await say('before its dispatch', 202, { dispatch: early.dispatch });
    for (const errand of [plain, reversed, rotated]) await send(world, errand);
    await eventually(
      async () =>
        (await outcomes(world, [plain, reversed, rotated])).every(({ dispatch }) => dispatch?.status === 'accepted'),
      { within: 30_000 },
    );
    for (const [what, wanted, with_] of harmless)
      await say(what, wanted, { dispatch: plain.dispatch, ...with_(plain) });
    await wait(1_000);
    const [before] = await outcomes(world, [plain]);
    const id = newId();
    await Promise.all(
      Array.from({ length: 10 }, () => say('ten times at once', 202, { dispatch: plain.dispatch, id })),
    );
    await say('the end', 202, { dispatch: reversed.dispatch });
    await say('its beginning after its end', 202, { dispatch: reversed.dispatch, status: 'progressed' });
    await say('another end after its end', 202, { dispatch: reversed.dispatch, status: 'failed' });
    await say('under the secret before', 202, { dispatch: rotated.dispatch, secret: 'first-before' });
    await send(world, early);
    const endedAt = performance.now();
    const errands = [plain, reversed, rotated, early];
    const effectsNow = () =>
      Promise.all(
        errands.map(({ order }) =>
          models.audit.model.collection.countDocuments({ stream: `order.${order}`, action: 'record-answer' }),
        ),
      );
    await eventually(async () => (await effectsNow()).every((count) => count > 0), { within: 40_000, every: 200 });
    await quiesce(world);
    const effects = await effectsNow();
    const wrong = answers.filter(([, wanted, was]) => wanted !== was);
    return {
      endedAt,
      note: `${answers.length} callbacks: ${answers.length - wrong.length} answered as they must be; effects ${effects.join(', ')}`,
      missed: [
        ...wrong.map(([what, wanted, was]) => `${what}: ${was} in place of ${wanted}`),
        ...(before?.dispatch?.status === 'accepted' ? [] : ['a callback of nobody had an effect']),
        ...(effects.every((count) => count === 1) ? [] : ['not every dispatch had one effect']),
      ],
    };
  },
};
