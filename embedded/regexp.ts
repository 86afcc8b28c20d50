/**
 * Regular expressions that nobody can hold this server up with. To everything around they are JavaScript's; what could
 * make that one try for years (`^(a+)+$`) is matched by RE2's algorithm, in time that grows with the text alone. What
 * RE2 lacks, such as lookaheads and back references, is refused.
 */
import { RE2JS } from 're2js';
import { CommandError } from './errors.ts';

const FLAGS: Record<string, number> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL, u: 0 };
/** Without these there is one way to match at most at each place. */
const BRANCHING = /[*+?{|]|\(\?|\\[1-9k]/;

class LinearRegExp extends RegExp {
  readonly #linear: RE2JS;

  constructor(pattern: string, options: string, linear: RE2JS) {
    super(pattern, options);
    this.#linear = linear;
  }

  override test(text: string): boolean {
    return this.#linear.matcher(text).find();
  }
}

export function toRegExp({ pattern, options }: { pattern: string; options: string }): RegExp {
  if (/[^imsu]/.test(options)) throw new CommandError(51108, `invalid flag in regex options: ${options}`);
  const [whole = '', inline = ''] = /^\(\?([imsu]+)\)/.exec(pattern) ?? [];
  const source = pattern.slice(whole.length);
  const flags = [...new Set(options + inline)].join('');
  try {
    if (!BRANCHING.test(source)) return new RegExp(source, flags);
    const linear = RE2JS.compile(
      source,
      [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0),
    );
    return new LinearRegExp(source, flags, linear);
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new CommandError(51091, `Regular expression is invalid or not supported here: ${pattern} (${why})`);
  }
}

/** A library's own copy of one, made safe again. */
export function safe(expression: RegExp): RegExp {
  if (expression instanceof LinearRegExp) return expression;
  return toRegExp({ pattern: expression.source, options: expression.flags });
}
