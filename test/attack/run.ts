/** The whole of it: a quiet while to measure by, every attack in turn, and the figures afterwards. */
import { systemClock } from '../../kernel/time.ts';
import { eventually } from '../support/eventually.ts';
import { type Attack, type Played, playOne, slowestAllowed } from './attack.ts';
import { brokenCallers, everyEnding } from './attacks/endings.ts';
import { naughtyFields, oneDoor, tooMuch } from './attacks/fields.ts';
import { approvalPages, formPosts } from './attacks/forms.ts';
import { junkInQueues } from './attacks/junk.ts';
import { keysOfRepetition } from './attacks/keys.ts';
import { hostilePages } from './attacks/pages.ts';
import { guesses, hangingSites } from './attacks/shared.ts';
import { openStage, type Stage } from './stage.ts';
import { type Span, startWatch, type Watch } from './watch.ts';

export const attacks: Attack[] = [
  formPosts,
  hostilePages,
  brokenCallers,
  everyEnding,
  hangingSites,
  guesses,
  junkInQueues,
  oneDoor,
  tooMuch,
  naughtyFields,
  approvalPages,
  keysOfRepetition,
];

export interface Options {
  seed: number;
  /** The short form: what waits for time limits is left out, and less is sent of the rest. */
  isShort: boolean;
  /** Only these items; all when empty. */
  items: number[];
  onPlayed?: (played: Played) => void;
}

/** The figures of the whole run, times in ms. */
export interface Figures {
  seed: number;
  requests: number;
  slowestHealth: number;
  faults: number;
  deadLetters: number;
  /** The slowest of twenty of another tenant's requests, before and meanwhile. */
  others: { before: { read: number; order: number }; meanwhile: { read: number; order: number } };
  ok: boolean;
  wrong: string[];
}

const slower = 2;
/** Shorter times differ by themselves. */
const shortest = 100;
const quiet = { usual: 15_000, short: 5_000 };
const shareOfShort = 0.1;

export async function runAttacks(options: Options): Promise<{ played: Played[]; figures: Figures }> {
  const { seed, isShort, items, onPlayed } = options;
  const stage = await openStage({ seed, share: isShort ? shareOfShort : 1 });
  try {
    const watch = startWatch({ live: stage.world.live, others: await anotherTenant(stage) });
    const before = await quietWhile(watch, isShort ? quiet.short : quiet.usual);
    const chosen = attacks.filter(
      ({ item, isLong }) => (items.length === 0 || items.includes(item)) && !(isShort && isLong),
    );
    const played: Awaited<ReturnType<typeof playOne>>[] = [];
    for (const attack of chosen) {
      const one = await playOne(attack, stage, watch);
      played.push(one);
      onPlayed?.(one);
    }
    watch.stop();
    return { played, figures: figuresOf({ seed, played, before, watch }) };
  } finally {
    await stage.close();
  }
}

async function anotherTenant({ world: { apiUrl, models } }: Stage) {
  const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
  await models.agencies.put({ _id: 'calm', name: 'Calm', from: { name: 'Calm', email: 'calm@agency.example' } });
  await models.accounts.put({
    _id: 'calm',
    agency: 'calm',
    name: 'Calm',
    timeZone: 'Europe/Berlin',
    country: 'DE',
    contact,
  });
  const named = { name: 'calm', type: 'service', role: 'order_admin', agency: 'calm' } as const;
  return { url: apiUrl, key: (await models.apiKeys.issue(named, systemClock.now())).key, account: 'calm' };
}

/** The first answers of a process take longer: they are not measured by. */
async function quietWhile(watch: Watch, ms: number): Promise<Span> {
  await watch.caughtUp();
  const from = watch.now();
  await eventually(() => watch.now() - from >= ms, { within: ms * 2, every: 100 });
  return { from, until: watch.now() };
}

interface Seen {
  seed: number;
  played: Awaited<ReturnType<typeof playOne>>[];
  before: Span;
  watch: Watch;
}

function figuresOf({ seed, played, before, watch }: Seen): Figures {
  const whole = { from: played[0]?.span.from ?? before.from, until: watch.now() };
  const others = { before: rounded(watch.others(before)), meanwhile: rounded(watch.others(whole)) };
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0);
  const slowestHealth = Math.round(watch.slowest(whole).ms);
  const wrong = [
    ...played.filter(({ ok }) => !ok).map(({ item, name }) => `${item} ${name} failed`),
    ...(slowestHealth > slowestAllowed ? [`a process said only after ${slowestHealth} ms that it lives`] : []),
    ...(['read', 'order'] as const)
      .filter((what) => others.meanwhile[what] > slower * Math.max(shortest, others.before[what]))
      .map((what) => `another tenant's ${what} took ${others.meanwhile[what]} ms, ${others.before[what]} ms before`),
  ];
  return {
    ...{ seed, requests: sum(({ requests }) => requests), slowestHealth, faults: sum(({ faults }) => faults) },
    ...{ deadLetters: sum(({ deadLetters }) => deadLetters), others, ok: wrong.length === 0, wrong },
  };
}

const rounded = ({ read, order }: { read: number; order: number }) => ({
  read: Math.round(read),
  order: Math.round(order),
});

export function summaryOf({ requests, slowestHealth, faults, deadLetters, others, ok, wrong, seed }: Figures): string {
  const { before, meanwhile } = others;
  return [
    `${ok ? 'ok    ' : 'FAILED'} ${requests} requests; slowest health answer ${slowestHealth} ms (at most ${slowestAllowed}); ${faults} × 5xx; ${deadLetters} dead letters`,
    `       another tenant's p95: reading ${before.read} ms before, ${meanwhile.read} ms meanwhile; an order done ${before.order} ms before, ${meanwhile.order} ms meanwhile (at most ${slower} ×, of ${shortest} ms at least)`,
    ...wrong.map((what) => `       ${what}`),
    `       Seed ${seed}.`,
  ].join('\n');
}
