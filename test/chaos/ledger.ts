/** An append-only file of what really happened outside, synced before anybody is told: what the checker believes. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

export interface Ledger<T> {
  entries: T[];
  add(entry: T): void;
  close(): void;
}

export function openLedger<T>(path: string): Ledger<T> {
  const file = openSync(path, 'a');
  const entries: T[] = [];
  return {
    entries,
    add(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fsyncSync(file);
      entries.push(entry);
    },
    close: () => closeSync(file),
  };
}
