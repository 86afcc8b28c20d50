/**
 * Clears up after a demo that was itself killed with -9 and could not: a shell that outlives it by a moment. It is told
 * which processes are ours now, and acts only when its input ends without a word.
 */
import { spawn } from 'node:child_process';

export interface Guard {
  /** The processes that are to end with us; each call replaces the list. */
  watch(pids: readonly number[]): void;
  dismiss(): void;
}

const script = `
  while read -r line; do
    if [ "$line" = dismissed ]; then exit; fi
    pids=$line
  done
  kill -9 $pids 2>/dev/null
  rm -rf "$0"
`;

export function guard(dir: string): Guard {
  const shell = spawn('sh', ['-c', script, dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.stdin.on('error', () => undefined);
  return {
    watch: (pids) => void shell.stdin.write(`${pids.join(' ')}\n`),
    dismiss: () => void shell.stdin.end('dismissed\n'),
  };
}
