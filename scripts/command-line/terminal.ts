/**
 * What is said to a person, always on stderr: stdout belongs to the data. Colours and moving lines are for terminals
 * alone; elsewhere progress is a plain line every few seconds, so that a log stays readable.
 */
import { styleText } from 'node:util';

type Colour = 'green' | 'yellow' | 'red' | 'bold' | 'dim';

const everyMs = { terminal: 100, plain: 5_000 };

const isSet = (name: string): boolean => (process.env[name] ?? '') !== '';
const isPlain = (): boolean =>
  isSet('NO_COLOR') || isSet('CI') || process.env['TERM'] === 'dumb' || process.argv.includes('--no-color');

/** Somebody is there to be asked. */
export const isInteractive = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && !isSet('CI');

export function paint(colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return stream.isTTY && !isPlain() ? styleText(colour, text) : text;
}

/** Text from elsewhere without what a terminal would obey. */
export const harmless = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Data, on stdout, no faster than it is taken. */
export async function print(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await new Promise((drained) => process.stdout.once('drain', drained));
}

export interface Progress {
  at(done: number, note?: string): void;
  end(): void;
}

export function progress({ label, total, quiet }: { label: string; total?: number; quiet?: boolean }): Progress {
  const moving = process.stderr.isTTY === true && !isPlain();
  const pause = moving ? everyMs.terminal : everyMs.plain;
  const begun = performance.now();
  let told = begun;
  if (quiet) return { at() {}, end() {} };
  return {
    at(done, note = '') {
      const now = performance.now();
      if (now - told < pause) return;
      told = now;
      const line = `${label} ${lineOf({ done, total, seconds: (now - begun) / 1_000 })}${note && ` · ${note}`}`;
      process.stderr.write(moving ? `\r\x1b[2K${line}` : `${line}\n`);
    },
    end() {
      if (moving && told !== begun) process.stderr.write('\r\x1b[2K');
    },
  };
}

function lineOf({ done, total, seconds }: { done: number; total: number | undefined; seconds: number }): string {
  const rate = done / Math.max(seconds, 0.001);
  const speed = `${rate.toFixed(rate < 10 ? 1 : 0)}/s`;
  if (!total) return `${done} · ${speed}`;
  const left = rate > 0 ? ` · ${Math.ceil(Math.max(0, total - done) / rate)} s left` : '';
  return `${done} of ${total} (${Math.floor((100 * done) / total)} %) · ${speed}${left}`;
}
