/**
 * A seeded scheduler: every call to the outside waits here for its turn, one is let go at a time, and which one is
 * decided by the seed. Between any two calls a process may stop for good (a crash) or for long (a zombie).
 */
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { systemClock } from '../../kernel/time.ts';

/** A small seeded generator (mulberry32): equal seeds, equal runs. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Gate {
  call: string;
  open: (fate: Fate) => void;
  /** Settles when the call has been made, whether or not its process lives to see the answer. */
  made: Promise<void>;
}

interface Process {
  name: string;
  gates: Gate[];
  over: boolean;
}

type Fate = 'go' | 'crash before' | 'crash after';

export interface Fault {
  /** Chance that the process whose turn it is crashes at this call. */
  crash: number;
  /** Chance that a process sleeps for many turns. */
  sleep: number;
}

export function createScheduler(random: () => number) {
  const processes: Process[] = [];
  const asleep = new Map<Process, number>();
  const trace: string[] = [];
  let now = systemClock.now().getTime();

  /** Starts a process; its body gets a `step` through which all its calls to the outside go. */
  async function start(name: string, body: (step: Step) => Promise<void>): Promise<void> {
    const process: Process = { name, gates: [], over: false };
    processes.push(process);
    body((call, act) => step(process, call, act))
      .catch((error) => trace.push(`${name} threw ${error}`))
      .finally(() => {
        process.over = true;
      });
    await turnOfLoop();
  }

  async function step<T>(process: Process, call: string, act: () => Promise<T>): Promise<T> {
    let made = () => {};
    const wasMade = new Promise<void>((resolve) => {
      made = resolve;
    });
    const fate = await new Promise<Fate>((open) => process.gates.push({ call, open, made: wasMade }));
    try {
      if (fate !== 'crash before') {
        const result = await act();
        if (fate === 'go') return result;
      }
    } finally {
      made();
    }
    return new Promise<never>(() => undefined);
  }

  /** Lets one process make one call. False when none is waiting. */
  async function turn(fault: Fault): Promise<boolean> {
    for (const [process, turns] of asleep) turns > 0 ? asleep.set(process, turns - 1) : asleep.delete(process);
    const waiting = processes.filter(({ gates, over }) => gates.length > 0 && !over);
    const awake = waiting.filter((process) => !asleep.has(process));
    const chosen = pick(awake.length > 0 ? awake : waiting);
    if (!chosen) return false;
    if (random() < fault.sleep) {
      asleep.set(chosen, 10 + Math.floor(random() * 60));
      return true;
    }
    await release(chosen, random() < fault.crash ? (random() < 0.5 ? 'crash before' : 'crash after') : 'go');
    return true;
  }

  /** What runs between two calls is only microtasks: one turn of the event loop and the process waits at its next gate. */
  async function release(process: Process, fate: Fate): Promise<void> {
    const gate = process.gates.shift();
    if (!gate) return;
    trace.push(`${process.name} ${gate.call}${fate === 'go' ? '' : ` (${fate})`}`);
    asleep.delete(process);
    if (fate !== 'go') process.over = true;
    gate.open(fate);
    await gate.made;
    await turnOfLoop();
  }

  function pick<T>(from: T[]): T | undefined {
    return from[Math.floor(random() * from.length)];
  }

  return {
    start,
    turn,
    pick,
    random,
    trace,
    alive: () => processes.filter(({ over }) => !over).length,
    clock: { now: () => new Date(now) },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

export type Step = <T>(call: string, act: () => Promise<T>) => Promise<T>;
