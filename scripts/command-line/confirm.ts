/**
 * A question before what is large or can't be taken back: the answer is typed, not nodded. Where nobody can be asked, the
 * flag that answers is named and nothing is done.
 */
import { createInterface } from 'node:readline/promises';
import { Failure } from './exit.ts';
import { isInteractive } from './terminal.ts';

export interface Question {
  /** What would be done, as a sentence. */
  what: string;
  /** What must be typed. */
  word: string;
  yes?: boolean | undefined;
  /** What was typed beforehand, as `--confirm`. */
  typed?: string | undefined;
}

export async function confirm({ what, word, yes, typed }: Question): Promise<void> {
  if (yes) return;
  if (typed !== undefined) return requireSame(typed, word, what);
  if (!isInteractive()) {
    throw new Failure(
      'usage',
      `${what} There is no terminal to ask for confirmation. Use --yes or --confirm ${word} to proceed.`,
    );
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
  const answer = await Promise.race([asking.question(`${what}\nType ${word} to continue: `), closed]);
  asking.close();
  requireSame(answer, word, what);
}

function requireSame(answer: string, word: string, what: string): void {
  if (answer.trim() === word) return;
  throw new Failure('failed', `Nothing was changed. ${what} "${answer.trim()}" is not ${word}.`);
}
