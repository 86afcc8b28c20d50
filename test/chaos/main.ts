/**
 * `npm run chaos`: does harm to a private copy of the whole system, scenario by scenario, and lets one checker look at
 * what is left. Ends with 1 when anything did not hold. The seed is printed and replays the same faults.
 */
import { parseArgs } from 'node:util';
import { setup as build } from '../support/build.ts';
import { lineOf, notMade, writePage } from './report.ts';
import { type Result, runScenario, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { fence, short } from './scenarios/short.ts';
import { soak } from './soak.ts';

const usage = `npm run chaos [-- options]
  --scenario W1   only this one; may be repeated
  --short         the two scenarios of the tests
  --minutes 30    a soak: random faults for so long
  --seed 7        replays the faults of seed 7
  --scale full    long outages at their true length; else a share of it (0.1)
  --at-once 2     so many scenarios side by side, but for those that measure speed
  --unfenced      takes the fence out of the workers: the checker must go red
  --json          one line of JSON a scenario
  --write         writes docs/reliability.md
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Math.floor(performance.timeOrigin) % 100_000) },
    scale: { type: 'string', default: '0.1' },
    'at-once': { type: 'string', default: '2' },
    minutes: { type: 'string' },
    json: { type: 'boolean', default: false },
    unfenced: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const seed = Number(values.seed);
const scale = values.scale === 'full' ? 1 : Number(values.scale);
const all = [...scenarios, short, fence];
const say = (line: string) => process.stderr.write(`${line}\n`);

const chosen = choose();
await build();
say(`Seed ${seed}; long outages at ${scale} of their length.`);
const results: Result[] = [];
const begun = performance.now();
const shared = chosen.filter(({ alone }) => !alone);
const next = async (from: Scenario[]) => {
  for (let scenario = from.shift(); scenario; scenario = from.shift()) await carryOut(scenario);
};
await Promise.all(Array.from({ length: Number(values['at-once']) }, () => next(shared)));
await next(chosen.filter(({ alone }) => alone));
say(`${results.filter(({ ok }) => ok).length} of ${results.length} ok after ${elapsed()} s.`);
if (values.scenario.length === 0) for (const [id, why] of notMade) say(`not made here: ${id}. ${why}`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);

async function carryOut(scenario: Scenario): Promise<void> {
  say(`${elapsed()} s: ${scenario.id} begins. ${scenario.fault}`);
  const result = await runScenario(scenario, { seed, scale, unfenced: values.unfenced });
  results.push(result);
  process.stdout.write(`${values.json ? JSON.stringify(result) : lineOf(result)}\n`);
  const inOrder = all.flatMap(({ id }) => results.filter((one) => one.scenario === id));
  if (values.write) await writePage(all, inOrder, { seed, scale });
}

function elapsed(): number {
  return Math.round((performance.now() - begun) / 1_000);
}

function choose(): Scenario[] {
  if (values.minutes !== undefined) return [soak(Number(values.minutes))];
  if (values.short) return [short, fence];
  const named = values.scenario.map((id) => all.find((one) => one.id === id) ?? unknown(id));
  if (named.length > 0) return named;
  // Without the fence only what makes zombies can show it.
  return values.unfenced ? [fence] : scenarios;
}

function unknown(id: string): never {
  say(`There is no scenario ${id}; there are ${all.map((one) => one.id).join(', ')}.`);
  process.exit(2);
}
