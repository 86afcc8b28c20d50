/** What a scenario is, how one is run, and what comes of it: the same for all, so that a result is one line of JSON. */

import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../kernel/time.ts';
import { check } from './check.ts';
import type { Finding, FindingKind } from './finding.ts';
import { openWorld, quiesce, type Wish, type World } from './world.ts';

export interface Scenario {
  id: string;
  fault: string;
  /** What must hold beside the checker's list, in words. */
  threshold: string;
  /** Seconds from the end of the fault until everything that was accepted before is done. */
  recoverWithin: number;
  /** How long it may take, in ms; else five minutes. */
  longest?: number;
  /** It measures speed: nothing else may run meanwhile. */
  alone?: boolean;
  /** Why it can't be made on this machine; undefined when it can. */
  impossible?: () => Promise<string | undefined>;
  wish?: Omit<Wish, 'seed' | 'unfenced' | 'scale'>;
  /** Does the harm. The load it began is ended by it, or for it. */
  run(world: World): Promise<Measured>;
  /** Instead of the usual check, where there are too many things to hold in memory. */
  check?: (world: World) => Promise<Finding[]>;
  /** Findings that are the very point of the scenario, such as the dead letter of a poison job. */
  expects?: (finding: Finding, world: World) => boolean;
}

export interface Measured {
  /** When the fault ended, by performance.now(). */
  endedAt: number;
  note: string;
  /** What did not hold. */
  missed?: string[];
}

export interface Result {
  scenario: string;
  lost: number;
  duplicates: number;
  gaps: number;
  stuck: number;
  orphans: number;
  leaks: number;
  recoverySeconds: number;
  threshold: string;
  ok: boolean;
  /** Not made: the note says why. It shows nothing, neither good nor bad. */
  skipped?: boolean;
  database: string;
  note: string;
}

export interface Options {
  seed: number;
  unfenced: boolean;
  scale: number;
}

export async function runScenario(scenario: Scenario, options: Options): Promise<Result> {
  const why = await scenario.impossible?.();
  if (why !== undefined) return notRun(scenario, { why, ok: true });
  return runInWorld(scenario, options).catch((error: Error) =>
    notRun(scenario, { why: `It broke off: ${error.stack ?? error}`, ok: false }),
  );
}

/** Nothing was counted: skipped, or broken off. */
function notRun({ id, threshold }: Scenario, { why, ok }: { why: string; ok: boolean }): Result {
  const counts = { lost: 0, duplicates: 0, gaps: 0, stuck: 0, orphans: 0, leaks: 0, recoverySeconds: 0 };
  return { scenario: id, ...counts, threshold, ok, skipped: ok, database: '', note: why };
}

async function runInWorld(scenario: Scenario, options: Options): Promise<Result> {
  const world = await openWorld({ ...options, ...scenario.wish });
  try {
    const measured = await Promise.race([scenario.run(world), tooLong(scenario)]).catch(broken);
    await world.load.end(60_000);
    const isQuiet = await quiesce(world);
    const recoverySeconds = await recoveryOf(world, measured.endedAt);
    const findings = (await (scenario.check ?? check)(world)).filter((one) => !scenario.expects?.(one, world));
    return judge(scenario, { findings, measured, isQuiet, recoverySeconds, world });
  } finally {
    await world.close();
  }
}

/** Nobody may have to stop an unattended run. */
async function tooLong({ longest = 300_000 }: Scenario): Promise<never> {
  await wait(longest, undefined, { ref: false });
  throw new Error(`It was not over after ${longest / 1_000} s.`);
}

/** A scenario that could not be carried out has shown nothing. */
const broken = (error: Error): Measured => ({
  endedAt: performance.now(),
  note: '',
  missed: [`${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`.trim()],
});

/** Until the last of what was there when the fault ended was settled; what a wrong clock says of the future counts not. */
async function recoveryOf({ models }: World, endedAt: number): Promise<number> {
  const ended = performance.timeOrigin + endedAt;
  const before = { createdAt: { $lte: new Date(ended) }, settledAt: { $lte: systemClock.now() } };
  const last = models.work.model.collection.find(before).sort({ settledAt: -1 }).limit(1).project({ settledAt: 1 });
  const [item] = (await last.toArray()) as { settledAt?: Date }[];
  return Math.max(0, Math.round(((item?.settledAt?.getTime() ?? ended) - ended) / 100) / 10);
}

interface Evidence {
  findings: Finding[];
  measured: Measured;
  isQuiet: boolean;
  recoverySeconds: number;
  world: World;
}

function judge(scenario: Scenario, { findings, measured, isQuiet, recoverySeconds, world }: Evidence): Result {
  const count = (...kinds: FindingKind[]) => findings.filter(({ kind }) => kinds.includes(kind)).length;
  const missed = [...(measured.missed ?? [])];
  if (!isQuiet) missed.push('it never came to rest');
  if (recoverySeconds > scenario.recoverWithin) missed.push(`${recoverySeconds} s to recover`);
  const { acked, tries } = world.load;
  const letters = world.mailbox.ledger.entries;
  const repeats = letters.length - new Set(letters.map(({ key }) => key)).size;
  const facts = [
    measured.note,
    `${acked.entries.length} accepted in ${tries.length} tries`,
    `${letters.length} letters, ${repeats} repeated under their key`,
    ...missed.map((what) => `MISSED: ${what}`),
    ...[...findings]
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, 5)
      .map(({ kind, what }) => `${kind}: ${what}`),
    ...(findings.length > 5 ? [`and ${findings.length - 5} more`] : []),
  ];
  return {
    scenario: scenario.id,
    lost: count('lost', 'dead'),
    duplicates: count('duplicate'),
    gaps: count('gap'),
    stuck: count('stuck'),
    orphans: count('orphan'),
    leaks: count('leak'),
    recoverySeconds,
    threshold: `${scenario.threshold}; recovered ≤ ${scenario.recoverWithin} s`,
    ok: findings.length === 0 && missed.length === 0,
    database: world.database.kind,
    note: facts.filter(Boolean).join('; '),
  };
}

/** What was done twice is named first: it is what no later repair can take back. */
const rank = ({ kind }: Finding): number => (kind === 'duplicate' ? 0 : 1);
