/**
 * Limits of time. A timer ends with the work it limits: one that is left behind keeps what the work held in memory until
 * it fires.
 */

/** Runs `work` under a signal that aborts after `ms`, or with `outer`. It is the work that has to heed the signal. */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new Error(`It took longer than ${ms} ms.`)), ms);
  try {
    return await work(outer ? AbortSignal.any([outer, own.signal]) : own.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** As `withDeadline`, and rejects with the signal's reason as soon as it aborts, whether the work heeds it or not. */
export function settleWithin<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  return withDeadline(ms, (signal) => unlessAborted(signal, () => work(signal)), outer);
}

async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let give: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    give = () => reject(signal.reason);
    signal.addEventListener('abort', give);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
