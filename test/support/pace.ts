/** Whether the time of some work grows as its input does. A quadratic one takes sixteen times as long for four times as much. */
import { expect } from 'vitest';

const times = 6;
/** In ms; below it the clock and the collector say more than the input. */
const floor = 60;

/** `long` does with four times as much what `short` does. */
export function mustGrowWithItsInput(short: () => unknown, long: () => unknown): void {
  for (let looks = 1; ; looks += 1) {
    const took = timeOf(long);
    const most = took > floor ? times * timeOf(short) + floor : floor;
    if (took <= most) return;
    // A busy machine may spoil one measure; what is slow by itself spoils all of them.
    if (looks < 5) continue;
    expect(took).toBeLessThanOrEqual(most);
    return;
  }
}

/** The quickest of a few, in ms of the processor: what others do on the machine is not counted. */
function timeOf(act: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 3; n += 1) {
    const begun = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(begun);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}
