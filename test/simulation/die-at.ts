/** A process that dies at one call to the outside, before it or after it. */
import type { Step } from './scheduler.ts';

export type When = 'before' | 'after';

const never = new Promise<never>(() => undefined);

/** Lets `act` run until its call number `at`, where its process dies. Answers with the calls it made. */
export async function dieAt(act: (step: Step) => Promise<unknown>, at: number, when: When): Promise<string[]> {
  const calls: string[] = [];
  await new Promise<void>((died) => {
    const dying: Step = async (call, carryOut) => {
      calls.push(call);
      if (calls.length > at) return never;
      if (calls.length < at) return carryOut();
      if (when === 'after') await carryOut();
      died();
      return never;
    };
    act(dying).then(
      () => died(),
      () => died(),
    );
  });
  return calls;
}
