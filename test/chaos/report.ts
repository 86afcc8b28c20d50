/** Results for people: a line each, and the table of docs/reliability.md. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result, Scenario } from './scenario.ts';

export interface Circumstances {
  seed: number;
  scale: number;
}

export function lineOf({ scenario, ok, skipped, recoverySeconds, note }: Result): string {
  if (skipped) return `SKIPPED ${scenario}: ${note}`;
  return `${ok ? 'ok ' : 'RED'} ${scenario.padEnd(3)} recovered after ${recoverySeconds} s; ${note}`;
}

const page = join(import.meta.dirname, '../../docs/reliability.md');

/** What can't be made by processes on one machine, and why. */
export const notMade: [string, string][] = [
  [
    'Loss of power',
    'A killed process leaves its writes in the page cache; torn files (R2) and full disks (D1) stand for it.',
  ],
  [
    'A partition between replicas',
    'It needs a replica set and a Redis replica; R6, R7 and M3 cut and hold the one line there is.',
  ],
  ['S1', 'Mail servers that misbehave are played over real SMTP in test/workers/notifications.test.ts.'],
];

/**
 * Writes docs/reliability.md: what was done, what held, and how long it took. Rows of scenarios that were not run now stay
 * as they are where they were run with this seed and scale; else they are left out.
 */
export async function writePage(
  scenarios: Scenario[],
  results: Result[],
  { seed, scale }: Circumstances,
): Promise<void> {
  const database = [...new Set(results.map((result) => result.database).filter(Boolean))].join(', ');
  const kept = await rowsOf({ seed, scale });
  const made = results.map((result) => {
    const scenario = scenarios.find(({ id }) => id === result.scenario);
    const { lost, duplicates, gaps, stuck, orphans, leaks } = result;
    const counts = [lost, duplicates, gaps, stuck, orphans, leaks].join(' / ');
    const cells = [result.scenario, scenario?.fault, result.threshold, counts, `${result.recoverySeconds} s`];
    return [result.scenario, `| ${[...cells, heldIn(result), result.note].map(cell).join(' | ')} |`] as const;
  });
  const known = new Map([...kept, ...made]);
  const rows = scenarios.flatMap(({ id }) => known.get(id) ?? []);
  await mkdir(join(page, '..'), { recursive: true });
  await writeFile(page, text({ rows, seed, scale, database }));
}

/** The rows that the page has, by scenario. */
async function rowsOf({ seed, scale }: Circumstances): Promise<[string, string][]> {
  const written = await readFile(page, 'utf8').catch(() => '');
  if (!written.includes(`\nSeed ${seed}; long outages at ${scale} of their length.`)) return [];
  return [...written.matchAll(/^\| ([A-Z]\w*) \| .*\|$/gm)].map(([row, id = '']) => [id, row]);
}

const heldIn = ({ ok, skipped }: Result): string => (skipped ? 'not made' : ok ? 'yes' : '**no**');

const cell = (value: unknown) =>
  String(value ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');

function text({ rows, seed, scale, database }: Circumstances & { rows: string[]; database: string }): string {
  return `# What was done to it, and what held

Written by \`npm run chaos -- --write\`; do not edit. Each scenario has servers and processes of its own: a Redis, a
database (${database}), the API, a dispatcher, two workers, a mail server that writes down what it took before it says so,
and clients that repeat what got no answer. Afterwards one checker, always the same, looks for what was accepted and
is not there (lost), for effects committed twice (duplicates, counted after the receiver's key), for gaps in the chained
history, for what is still open (stuck), for jobs nobody would look at again (orphans) and for secrets and addresses in
logs, Redis and audit (leaks). *Recovered* is the time from the end of the fault until everything accepted before was done.

Seed ${seed}; long outages at ${scale} of their length. \`--seed ${seed}\` replays the faults, \`--scale full\` takes their true
length, \`--unfenced\` takes the fence out of the workers: then the checker goes red and names what was done twice.

| | Fault | Threshold | lost / duplicates / gaps / stuck / orphans / leaks | Recovered | Held | Seen |
|---|---|---|---|---|---|---|
${rows.join('\n')}

Not made here:

${notMade.map(([id, why]) => `- **${id}**: ${why}`).join('\n')}
`;
}
