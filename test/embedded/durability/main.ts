/** `main.ts [--kills N] [--ms M]`: the long form of the kill test, with its figures. */
import { parseArgs } from 'node:util';
import { killAgainAndAgain } from './writers.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, ms: { type: 'string', default: '700' } },
});
const { restartsMs, ...toll } = await killAgainAndAgain({ kills: Number(values.kills), runMs: Number(values.ms) });
console.log(toll, `slowest restart ${Math.round(Math.max(...restartsMs))} ms (with the start of the process)`);
process.exitCode = toll.lost + toll.disagreements === 0 ? 0 : 1;
