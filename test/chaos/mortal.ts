/** Every process that a trial started, by its id: whatever becomes of the trial, none of them outlives it. */
const pids = new Set<number>();

export function mortal(pid: number): void {
  if (pid > 0) pids.add(pid);
}

process.once('exit', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone already.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
