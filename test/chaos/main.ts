/**
 * `npm run chaos`: does harm to a private copy of the whole system, scenario by scenario, and lets one checker look at
 * what is left. Ends with 1 when anything did not hold. The seed is printed and replays the same faults.
 */
import { parseArgs } from 'node:util';
import { type Result, runScenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: String(Math.floor(performance.timeOrigin) % 100_000) },
    scale: { type: 'string', default: '0.2' },
    json: { type: 'boolean', default: false },
    unfenced: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    minutes: { type: 'string' },
  },
});

const seed = Number(values.seed);
const scale = values.scale === 'full' ? 1 : Number(values.scale);
const say = (line: string) => process.stderr.write(`${line}\n`);

const results: Result[] = [];
const chosen = scenarios.filter(({ id }) => values.scenario.length === 0 || values.scenario.includes(id));
say(`seed ${seed}, long faults at ${scale} of their length`);
for (const scenario of chosen) {
  const result = await runScenario(scenario, { seed, scale, unfenced: values.unfenced });
  results.push(result);
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    process.stdout.write(
      `${result.ok ? 'ok ' : 'RED'} ${result.scenario} ${result.recoverySeconds} s ${result.note}\n`,
    );
}
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
