/**
 * `npm run chaos`: does harm to a private copy of the whole system, scenario by scenario, and lets one checker look at
 * what is left. Ends with 1 when anything did not hold. The seed is printed and replays the same faults.
 */
import { parseArgs } from 'node:util';
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
  --scale full    long outages at their true length; else a share of it (0.2)
  --unfenced      takes the fence out of the workers: the checker must go red
  --json          one line of JSON a scenario
  --write         writes docs/reliability.md
`;

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Math.floor(performance.timeOrigin) % 100_000) },
    scale: { type: 'string', default: '0.2' },
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
say(`Seed ${seed}; long outages at ${scale} of their length.`);
const results: Result[] = [];
let database = '';
for (const scenario of chosen) {
  const result = await runScenario(scenario, { seed, scale, unfenced: values.unfenced });
  database = result.database;
  results.push(result);
  process.stdout.write(`${values.json ? JSON.stringify(result) : lineOf(result)}\n`);
  if (values.write) await writePage(all, results, { seed, scale, database });
}
if (values.scenario.length === 0) for (const [id, why] of notMade) say(`not made here: ${id}. ${why}`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);

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
