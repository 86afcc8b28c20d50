/** What an attack is, how one is played, and what is said of it: one line each. */
import type { Stage } from './stage.ts';
import type { Span, Watch } from './watch.ts';

export interface Attack {
  /** The number that `--item` takes. */
  item: number;
  name: string;
  /** What is sent, in a few words. */
  sends: string;
  /** It waits for time limits, and is left out of the short form. */
  isLong?: boolean;
  /** Resolves to what did not hold, as sentences. */
  play(stage: Stage): Promise<string[]>;
}

export interface Played {
  item: number;
  name: string;
  sends: string;
  requests: number;
  /** ms. */
  slowestHealth: number;
  faults: number;
  deadLetters: number;
  ok: boolean;
  seconds: number;
  /** What did not hold. */
  wrong: string[];
  /** What held, but took too long. */
  late: string[];
}

export const slowestAllowed = 1_000;

export async function playOne(attack: Attack, stage: Stage, watch: Watch): Promise<Played & { span: Span }> {
  const before = await deadIn(stage);
  const from = watch.now();
  const wrong = await attack
    .play(stage)
    .catch((error: Error) => [`it broke off: ${error.message} ${error.cause ?? ''}`]);
  await watch.caughtUp();
  const span = { from, until: watch.now() };
  const dead = [...(await deadIn(stage))].filter(([id]) => !before.has(id));
  const { requests, faults } = stage.tally();
  const slowest = watch.slowest(span);
  const all = [...wrong, ...faults, ...dead.map(([id, why]) => `dead letter ${id}: ${why}`), ...watch.refused(span)];
  const late =
    slowest.ms > slowestAllowed ? [`${slowest.of} said only after ${Math.round(slowest.ms)} ms that it lives`] : [];
  const { item, name, sends } = attack;
  return {
    ...{ item, name, sends, requests, slowestHealth: Math.round(slowest.ms), faults: faults.length },
    ...{
      deadLetters: dead.length,
      ok: all.length + late.length === 0,
      seconds: Math.round((span.until - from) / 1_000),
      wrong: all,
      late,
      span,
    },
  };
}

/**
 * Dead letters by their ids. A job that somebody wrote into an inner queue of Redis is told as one of the kind `foreign`, so
 * that a person sees it: Redis is trusted, and that is no text from outside.
 */
async function deadIn({ world: { models } }: Stage): Promise<Map<string, string>> {
  const found = models.work.model.collection.find({ state: 'dead', kind: { $ne: 'foreign' } } as never);
  const items = (await found.toArray()) as unknown as { _id: string; failure?: { message: string } }[];
  return new Map(items.map(({ _id, failure }) => [_id, failure?.message ?? '']));
}

const mostTold = 5;

export function lineOf({
  item,
  name,
  sends,
  requests,
  slowestHealth,
  faults,
  deadLetters,
  ok,
  wrong,
  late,
}: Played): string {
  const figures = `${requests} requests, slowest health ${slowestHealth} ms, ${faults} × 5xx, ${deadLetters} dead letters`;
  const all = [...wrong, ...late];
  const told = all.slice(0, mostTold).map((what) => `\n         ${what}`);
  const more = all.length > mostTold ? [`\n         and ${all.length - mostTold} more`] : [];
  return `${ok ? 'ok    ' : 'FAILED'} ${item} ${name}: ${sends}; ${figures}${[...told, ...more].join('')}`;
}
