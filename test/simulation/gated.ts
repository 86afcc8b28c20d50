/** A port whose every call waits for its turn in the scheduler: this is where a test stands between code and world. */
import type { Step } from './scheduler.ts';

const immediate = new Set(['isUp', 'streamOf']);

export function gated<T extends object>(port: T, step: Step): T {
  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string' || immediate.has(name)) return value;
      return (...args: unknown[]) => step(name, async () => value.apply(target, args));
    },
  });
}
