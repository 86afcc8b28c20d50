/**
 * Waits until something is so, instead of sleeping for as long as it usually takes. The condition may throw (an
 * assertion, a connection that is not there yet): what it threw last is shown when the time is up.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  within?: number;
  every?: number;
}

/** Resolves with the first answer that is neither false, null nor undefined. */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { within = 10_000, every = 25 }: Patience = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + within;
  let last: unknown = 'the condition was never true';
  while (performance.now() < deadline) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== null && answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    await delay(every);
  }
  throw new Error(`Not so within ${within} ms.`, { cause: last });
}
