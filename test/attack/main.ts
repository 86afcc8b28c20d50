/**
 * `npm run attack`: starts the whole system on this machine and sends it what hostile people, sites and programs would.
 * Nothing leaves the machine. Each attack is one line; afterwards come the figures.
 */
import { parseArgs } from 'node:util';
import { setup as build } from '../support/build.ts';
import { lineOf } from './attack.ts';
import { attacks, runAttacks, summaryOf } from './run.ts';

const usage = `npm run attack [-- options]
  --item 5    only the attacks of item 5; may be repeated
  --short     less of everything, and nothing that waits for time limits
  --seed 7    sends what seed 7 sent
  --json      one line of JSON an attack, and one for the figures
  --help      this

Items:
${attacks.map(({ item, name, sends }) => `  ${item}  ${name}: ${sends}`).join('\n')}

Exit codes:
  0  everything held
  1  something did not hold
  2  wrong arguments; nothing was started
`;

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
}

function argumentsGiven() {
  try {
    return parseArgs({
      options: {
        item: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: String(Math.floor(performance.timeOrigin) % 100_000) },
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { item, seed, short, json, help } = argumentsGiven();
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
const known = [...new Set(attacks.map((attack) => String(attack.item)))];
const unknown = item.find((one) => !known.includes(one));
if (unknown !== undefined) refuse(`--item must be one of ${known.join(', ')}, not "${unknown}".`);
if (!/^\d{1,9}$/.test(seed)) refuse(`--seed must be a whole number of at most nine digits, not "${seed}".`);

await build();
process.stderr.write(`Seed ${seed}.\n`);
const say = (value: unknown, words: string) => process.stdout.write(`${json ? JSON.stringify(value) : words}\n`);
const { figures } = await runAttacks({
  ...{ seed: Number(seed), isShort: short, items: item.map(Number) },
  onPlayed: (played) => say(played, lineOf(played)),
});
say(figures, summaryOf(figures));
process.exit(figures.ok ? 0 : 1);
