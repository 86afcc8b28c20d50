/**
 * Ctrl-C, once: what is under way is finished, the place is kept, and the command that goes on from there is printed.
 * Twice: the process ends at once; what a checkpoint says is still true then.
 */
import { basename } from 'node:path';
import { codeOf } from './exit.ts';
import { say } from './terminal.ts';

export interface Interrupt {
  /** Whether to stop before the next chunk. */
  readonly asked: boolean;
  /** Ends a wait early. */
  readonly signal: AbortSignal;
  dispose(): void;
}

export function onInterrupt(finishing: string): Interrupt {
  const controller = new AbortController();
  const asked = () => {
    if (controller.signal.aborted) process.exit(codeOf('interrupted'));
    controller.abort();
    say(`\n${finishing} Ctrl-C again stops at once.`);
  };
  process.on('SIGINT', asked).on('SIGTERM', asked);
  return {
    get asked() {
      return controller.signal.aborted;
    },
    signal: controller.signal,
    dispose: () => void process.off('SIGINT', asked).off('SIGTERM', asked),
  };
}

/** The command that was given, with more words; to be copied into a shell. */
export function commandWith(...words: string[]): string {
  const [, script = '', ...given] = process.argv;
  const more = words.filter((word) => !given.includes(word));
  return [`./scripts/${basename(script).replace(/\.[jt]s$/, '')}`, ...given, ...more].map(quoted).join(' ');
}

const quoted = (word: string): string => (/^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
