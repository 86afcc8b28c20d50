/** What the watcher saw: how long processes took to say that they live, and other tenants to be served, and when. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mortal } from '../chaos/mortal.ts';
import { eventually } from '../support/eventually.ts';
import type { Seen, Watched } from './watcher.ts';

export interface Span {
  from: number;
  until: number;
}

export interface Watch {
  now(): number;
  /** The slowest answer of a process that was asked in this time, in ms, and whose it was. */
  slowest(span: Span): { ms: number; of: string };
  /** Of twenty of another tenant's requests in this time, the slowest, in ms. */
  others(span: Span): { read: number; order: number };
  /** What another tenant was answered in this time and should not have been. */
  refused(span: Span): string[];
  /** Resolves when each process has answered once more, or has been given up. */
  caughtUp(): Promise<void>;
  stop(): void;
}

export function startWatch(watched: Watched): Watch {
  const file = join(import.meta.dirname, 'watcher.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, JSON.stringify(watched)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  mortal(child.pid ?? 0);
  const seen: Seen[] = [];
  createInterface(child.stdout).on('line', (line) => seen.push(JSON.parse(line)));
  const names = watched.live.map(({ name }) => name);
  const now = () => performance.timeOrigin + performance.now();
  const within = ({ from, until }: Span, of: string[]) =>
    seen.filter((one) => of.includes(one.of) && one.at >= from && one.at <= until);

  return {
    now,
    slowest(span) {
      const [worst] = within(span, names)
        .map(({ ms, of, status }) => ({ ms: status === 200 ? ms : Number.POSITIVE_INFINITY, of }))
        .sort((a, b) => b.ms - a.ms);
      return worst ?? { ms: Number.POSITIVE_INFINITY, of: 'nobody' };
    },
    others: (span) => ({ read: p95(within(span, ['read'])), order: p95(within(span, ['order'])) }),
    refused: (span) =>
      within(span, ['read', 'order'])
        .filter(({ status }) => status < 200 || status >= 300)
        .map(({ of, status }) => `another tenant's ${of} was answered with ${status}`),
    async caughtUp() {
      const since = now();
      await eventually(
        () => [...names, 'read', 'order'].every((name) => seen.some(({ of, at }) => of === name && at >= since)),
        { within: 90_000, every: 50 },
      );
    },
    stop: () => void child.stdin.end(),
  };
}

function p95(answers: Seen[]): number {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? 0;
}
