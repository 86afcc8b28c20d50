import { beforeAll, describe, expect, test } from 'vitest';
import { businessBetween } from '../../workflows/time/business-time.ts';
import { calendarNamed } from '../../workflows/time/calendars.ts';
import { isClosed, type LedgerLine } from '../../workflows/words/state.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { historyKept, keep, recordSpans } from '../support/kept-pasts.ts';
import { type NaiveRound, naiveRounds, type Past, somePast } from '../support/pasts.ts';

const now = new Date('2026-08-15T10:00:00Z');
const count = 300;
const whose = [
  { agency: 'north', account: 'acme' },
  { agency: 'north', account: 'bolt' },
  { agency: 'south', account: 'cove' },
];

let api: TestApi;
let house: string;
const pasts: Past[] = [];
beforeAll(async () => {
  api = await anApi({ business: { now: () => now } });
  house = (await api.models.apiKeys.issue({ name: 'house', type: 'staff', role: 'order_admin' }, now)).key;
  for (let seed = 0; seed < count; seed += 1) {
    const from = new Date(Date.parse('2026-01-02T09:00:00Z') + seed * 10 * 3_600_000);
    pasts.push(somePast(seed, { id: `order-${seed}`, ...whose[seed % 3]!, from }));
  }
  await Promise.all(pasts.map((past) => keep(api.models, past)));
  await Promise.all(pasts.map((past) => recordSpans(past, api.context)));
});

interface Case {
  query: Record<string, string>;
  period: [string, string];
  previous?: [string, string];
  as?: string;
}

/** The bounds are written down here, not computed: a day on which the clocks change is 23 or 25 hours long. */
const cases: [string, Case][] = [
  ['the thirty days up to today', { query: {}, period: ['2026-07-17T00:00:00Z', '2026-08-16T00:00:00Z'] }],
  [
    'a month in New York, with the one before',
    {
      query: { start_date: '2026-03-01', end_date: '2026-03-31', time_zone: 'America/New_York', compare: 'previous' },
      period: ['2026-03-01T05:00:00Z', '2026-04-01T04:00:00Z'],
      previous: ['2026-01-29T05:00:00Z', '2026-03-01T05:00:00Z'],
    },
  ],
  [
    'a day of 23 hours, beside one of 24',
    {
      query: { start_date: '2026-03-29', end_date: '2026-03-29', time_zone: 'Europe/Berlin', compare: 'previous' },
      period: ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
      previous: ['2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z'],
    },
  ],
  [
    'a year of one product',
    {
      query: { start_date: '2026-01-01', end_date: '2026-12-31', product: 'seo', compare: 'previous' },
      period: ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
      previous: ['2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    },
  ],
  [
    'a quarter, for an account manager',
    {
      query: { start_date: '2026-04-01', end_date: '2026-06-30', compare: 'previous' },
      period: ['2026-04-01T00:00:00Z', '2026-07-01T00:00:00Z'],
      previous: ['2025-12-31T00:00:00Z', '2026-04-01T00:00:00Z'],
      as: 'account_manager',
    },
  ],
  [
    'a fortnight, for the house',
    {
      query: { start_date: '2026-05-01', end_date: '2026-05-14', compare: 'previous', product: 'google_ads' },
      period: ['2026-05-01T00:00:00Z', '2026-05-15T00:00:00Z'],
      previous: ['2026-04-17T00:00:00Z', '2026-05-01T00:00:00Z'],
      as: 'house',
    },
  ],
  [
    'half a year, for the house',
    {
      query: { start_date: '2026-02-01', end_date: '2026-07-31' },
      period: ['2026-02-01T00:00:00Z', '2026-08-01T00:00:00Z'],
      as: 'house',
    },
  ],
  [
    'a time before there was anything',
    {
      query: { start_date: '2020-01-01', end_date: '2020-12-31' },
      period: ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z'],
    },
  ],
];

async function ask(report: string, { query, as = 'order_admin' }: Case) {
  const url = `/v1/admin/analytics/${report}?${new URLSearchParams(query)}`;
  const answer = await api.call('GET', url, { as: as === 'house' ? house : as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

describe.each(cases)('%s', (_, asked) => {
  test('has the overview that the histories have', async () => {
    const { total, products, period } = await ask('overview', asked);
    expect([period.from, period.to].map((text: string) => Date.parse(text))).toEqual(asked.period.map(Date.parse));
    const orders = pastsOf(asked).map(naiveOrder);
    expect(total).toEqual(beside(asked, (between) => naiveOverview(orders, between)));
    const [from, to] = whole(asked);
    const seen = orders.filter(
      ({ created, ended, closed }) =>
        (created < to && (ended === null || ended >= from)) || (closed !== null && closed >= from && closed < to),
    );
    expect(products).toEqual(
      distinct(seen.map(({ product }) => product)).map((product) => {
        const its = orders.filter((order) => order.product === product);
        return { product, ...beside(asked, (between) => naiveOverview(its, between)) };
      }),
    );
  });

  test('has the stages that the histories have', async () => {
    const rounds = endedBetween(roundsOf(asked), whole(asked));
    const { stages } = await ask('stages', asked);
    expect(stages).toEqual(
      stagesOf(rounds).map(([product, stage]) => {
        const its = rounds.filter((round) => round.product === product && round.stage === stage);
        return { product, stage, ...beside(asked, (between) => naiveStage(endedBetween(its, between))) };
      }),
    );
  });

  test('has the budgets kept and broken that the histories have', async () => {
    const all = roundsOf(asked);
    const rounds = endedBetween(all, whole(asked)).filter(({ ours }) => ours);
    const sla = (its: NaiveRound[]) => beside(asked, (between) => naiveSla(endedBetween(its, between)));
    const answer = await ask('sla', asked);
    expect(answer.total).toEqual(sla(rounds));
    expect(answer.products).toEqual(
      distinct(rounds.map(({ product }) => product)).map((product) => {
        return { product, ...sla(rounds.filter((round) => round.product === product)) };
      }),
    );
    expect(answer.stages).toEqual(
      stagesOf(rounds).map(([product, stage]) => {
        return { product, stage, ...sla(rounds.filter((one) => one.product === product && one.stage === stage)) };
      }),
    );
    const over = all.filter(({ endedAt, spent, budget }) => endedAt === null && spent > budget);
    over.sort((one, other) => other.spent - other.budget - (one.spent - one.budget) || (one.id < other.id ? -1 : 1));
    expect(answer.open.breached).toBe(over.length);
    expect(
      answer.open.worst.map(({ order, stage, round, over: by }: Worst) => [`${order}.${stage}.${round}`, by]),
    ).toEqual(over.slice(0, 20).map(({ id, spent, budget }) => [id, spent - budget]));
  });
});

interface Worst {
  order: string;
  stage: string;
  round: number;
  over: number;
}

describe('the pasts of this test', () => {
  test('have something of everything in them', () => {
    expect(pasts.every(({ lines }) => lines.at(-1)!.at <= now)).toBe(true);
    const rounds = pasts.flatMap((past) => naiveRounds(past, now));
    for (const outcome of ['done', 'undone', 'skipped', 'sent_back', 'relocked', 'asked_again', 'cancelled', null]) {
      expect(
        rounds.some((round) => round.outcome === outcome),
        String(outcome),
      ).toBe(true);
    }
    expect(rounds.filter(({ endedAt, spent, budget }) => endedAt === null && spent > budget).length).toBeGreaterThan(5);
    expect(rounds.some(({ cleared }) => cleared)).toBe(true);
    expect(pasts.filter(({ lines }) => lines.length > historyKept).length).toBeGreaterThan(100);
  });
});

type Between = [number, number];
type Numbers = { [name: string]: number | null | Numbers };

const distinct = (all: string[]): string[] => [...new Set(all)].sort();
const whole = ({ period, previous }: Case): Between => [Date.parse((previous ?? period)[0]), Date.parse(period[1])];

function pastsOf({ query, as }: Case): Past[] {
  return pasts.filter(({ agency, account, states }) => {
    const { product, clearedAt } = states.at(-1)!;
    if (clearedAt || (query['product'] && product !== query['product'])) return false;
    return as === 'house' || (agency === 'north' && (as !== 'account_manager' || account === 'acme'));
  });
}

const roundsOf = (asked: Case): NaiveRound[] => pastsOf(asked).flatMap((past) => naiveRounds(past, now));

const endedBetween = (rounds: NaiveRound[], [from, to]: Between): NaiveRound[] =>
  rounds.filter(
    ({ endedAt, outcome }) =>
      endedAt !== null && endedAt >= from && endedAt < to && outcome !== 'cancelled' && outcome !== 'undone',
  );

const stagesOf = (rounds: NaiveRound[]): [string, string][] =>
  distinct(rounds.map(({ product, stage }) => `${product} ${stage}`)).map((key) => key.split(' ') as [string, string]);

/** The figures of the period, with those of the one before where it is asked for. */
function beside({ period, previous }: Case, figures: (between: Between) => Numbers): object {
  const at = (bounds: [string, string]): Between => [Date.parse(bounds[0]), Date.parse(bounds[1])];
  return put(figures(at(period)), previous && figures(at(previous))) as object;
}

function put(value: Numbers[string], before?: Numbers[string]): unknown {
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.keys(value).map((name) => [name, put(value[name]!, (before as Numbers)?.[name])]));
  }
  if (before === undefined) return { value };
  const was = before as number | null;
  const absolute = value === null || was === null ? null : value - was;
  return { value, previous: was, absolute, relative: absolute === null || was === 0 ? null : absolute / was! };
}

/** The smallest of the values that so many of a hundred do not exceed. */
function rank(values: number[], percent: number): number | null {
  const enough = values.filter(
    (value) => values.filter((other) => other <= value).length * 100 >= percent * values.length,
  );
  return enough.length > 0 ? Math.min(...enough) : null;
}
const spread = (values: number[]) => ({ median: rank(values, 50), p90: rank(values, 90) });
const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
const part = (some: number, all: number) => (all === 0 ? null : some / all);

/** An undo takes back that an order went live or was closed: then it goes on, and what lay between counts for nobody. */
function naiveOrder({ states, lines, calendar }: Past) {
  let live: number | null = null;
  let closed: number | null = null;
  let ended: number | null = null;
  let begun = lines[0]!.at.getTime();
  const underWay: Between[] = [];
  for (const [index, state] of states.entries()) {
    const { at: date, action } = lines[index]!;
    const at = date.getTime();
    if (action === 'restore-values') {
      if (!isClosed(state)) closed = null;
      if (!state.liveAt) live = null;
      if (ended !== null && live === null && closed === null) [ended, begun] = [null, at];
    }
    if (state.status === 'live') live ??= at;
    if (isClosed(state)) closed ??= at;
    if (ended === null && (state.status === 'live' || isClosed(state))) {
      ended = at;
      underWay.push([begun, at]);
    }
  }
  if (ended === null) underWay.push([begun, now.getTime()]);
  const { product, status, ledger = [] } = states.at(-1)!;
  const created = lines[0]!.at.getTime();
  return { product, status, live, closed, ended, created, hands: handsOf(ledger, calendar, underWay) };
}

type NaiveOrder = ReturnType<typeof naiveOrder>;

/** From the order's own ledger. */
function handsOf(ledger: LedgerLine[], calendar: Past['calendar'], underWay: Between[]) {
  return ledger.flatMap(({ holder, at }, index) => {
    const next = ledger[index + 1]?.at.getTime() ?? Number.POSITIVE_INFINITY;
    return underWay.flatMap(([from, to]) => {
      const [since, until] = [Math.max(at.getTime(), from), Math.min(next, to)];
      if (until <= since) return [];
      const business = businessBetween(calendarNamed(calendar), new Date(since), new Date(until));
      return [{ holder, wall: until - since, business }];
    });
  });
}

const parties = ['client', 'agency', 'fulfillment', 'third_party', 'system', 'nobody'];

function naiveOverview(orders: NaiveOrder[], [from, to]: Between): Numbers {
  const isIn = (at: number | null) => at !== null && at >= from && at < to;
  const created = orders.filter((order) => isIn(order.created));
  const live = orders.filter((order) => isIn(order.live));
  const hands = live.flatMap((order) => order.hands);
  const all = sum(hands.map(({ wall }) => wall));
  const statuses = ['created', 'onboarding', 'setup', 'live', 'paused', 'completed', 'cancelled'];
  return {
    created: created.length,
    live: live.length,
    cancelled: orders.filter(({ status, closed }) => status === 'cancelled' && isIn(closed)).length,
    open: orders.filter((order) => order.created < to && !(order.ended !== null && order.ended < to)).length,
    statuses: Object.fromEntries(statuses.map((one) => [one, created.filter(({ status }) => status === one).length])),
    timeToLive: spread(live.map((order) => order.live! - order.created)),
    holders: Object.fromEntries(
      parties.map((party) => {
        const own = hands.filter(({ holder }) => holder === party);
        const wall = sum(own.map((one) => one.wall));
        return [party, { wall, business: sum(own.map((one) => one.business)), share: part(wall, all) }];
      }),
    ),
  };
}

function naiveStage(rounds: NaiveRound[]): Numbers {
  const back = rounds.filter(({ outcome }) => outcome === 'sent_back').length;
  const waited = (party: string) => rounds.flatMap(({ wall }) => wall[party] ?? []);
  return {
    orders: distinct(rounds.map(({ id }) => id.split('.')[0]!)).length,
    rounds: rounds.length,
    ours: spread(rounds.filter(({ ours }) => ours).map(({ spent }) => spent)),
    waiting: Object.fromEntries(
      ['client', 'agency', 'third_party', 'nobody'].map((party) => {
        return [party, { rounds: waited(party).length, ...spread(waited(party)) }];
      }),
    ),
    backEdges: back,
    backEdgeRate: part(back, rounds.length),
  };
}

function naiveSla(rounds: NaiveRound[]): Numbers {
  const counted = rounds.filter(({ ours }) => ours);
  const breached = counted.filter(({ spent, budget }) => spent > budget).length;
  return {
    within: counted.length - breached,
    breached,
    withinRate: part(counted.length - breached, counted.length),
  };
}
