/**
 * Joins what concurrent callers want into one call: the first goes at once, whatever arrives while it is under way forms
 * the next. An idle process is as fast as without it; a busy one asks the database once for many.
 */
const atOnce = 100;

interface Waiting<I, O> {
  input: I;
  resolve: (output: O) => void;
  reject: (error: unknown) => void;
}

/** `call` answers in the order of its inputs. When a call for many fails, each is tried alone: one cannot spoil the rest. */
export function joined<I, O>(call: (inputs: I[]) => Promise<O[]>): (input: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let busy = false;

  return (input) =>
    new Promise<O>((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (!busy) void flushAll();
    });

  async function flushAll(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atOnce);
      waiting = waiting.slice(atOnce);
      await flush(batch);
    }
    busy = false;
  }

  async function flush(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const outputs = await call(batch.map(({ input }) => input));
      for (const [index, { resolve }] of batch.entries()) resolve(outputs[index] as O);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await Promise.all(batch.map((one) => flush([one])));
    }
  }
}

/** One joins those of other callers; many that somebody has together go at once, so that they hold up nobody. */
export function oneOrMany<I, O>(call: (inputs: readonly I[]) => Promise<O[]>): (inputs: readonly I[]) => Promise<O[]> {
  const one = joined((inputs: I[]) => call(inputs));
  return async (inputs) => {
    if (inputs.length === 0) return [];
    return inputs.length === 1 ? [await one(inputs[0] as I)] : call(inputs);
  };
}
