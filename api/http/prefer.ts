/** `Prefer: wait=n` (RFC 7240): how long a caller would wait for the outcome. What is no such preference is ignored. */
const longest = 30;

export function secondsToWait(prefer: string | string[] | undefined): number {
  const [, given] = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?/i.exec([prefer ?? ''].flat().join(',')) ?? [];
  return Math.min(Number(given ?? 0), longest);
}
