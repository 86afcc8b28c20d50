/**
 * The `Retry-After` of an answer (RFC 9110): seconds, or a date in one of the three forms of HTTP. It comes from outside, so
 * that anything else says nothing, and nobody keeps us away for longer than the caller is willing to wait.
 */

const weekday = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? /i;

/** How long to wait in milliseconds, at most `most`; undefined where nothing was said, or the time has passed. */
export function retryAfter(
  header: string | readonly string[] | null | undefined,
  { now, most }: { now: Date; most: number },
): number | undefined {
  const [said = ''] = [header ?? ''].flat();
  const wait = waitIn(said.trim(), now);
  return wait > 0 ? Math.min(Math.ceil(wait), most) : undefined;
}

/** NaN where it is neither. */
function waitIn(said: string, now: Date): number {
  if (/^\d+(\.\d+)?$/.test(said)) return Number(said) * 1_000;
  if (said.length > 40 || !weekday.test(said)) return Number.NaN;
  // The form of asctime names no zone; all three are in GMT.
  return Date.parse(/GMT|UTC/i.test(said) ? said : `${said} GMT`) - now.getTime();
}
