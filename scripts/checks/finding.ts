/** One line of `doctor`: what was looked at, how it is, and, where that is not well, what cures it. */
export type Finding = { check: string } & (
  | { verdict: 'ok'; says: string }
  | { verdict: 'warning' | 'fault'; says: string; fix: string }
);

export const ok = (check: string, says: string): Finding => ({ check, verdict: 'ok', says });

export const warning = (check: string, says: string, fix: string): Finding => ({
  check,
  verdict: 'warning',
  says,
  fix,
});

export const fault = (check: string, says: string, fix: string): Finding => ({ check, verdict: 'fault', says, fix });

/** How far two clocks are apart at least, when one answered `there` between `asked` and `answered` of the other. */
export function clocks(
  check: string,
  { asked, there, answered }: Record<'asked' | 'there' | 'answered', number>,
): Finding {
  const apart = Math.max(asked - there, there - answered, 0) / 1_000;
  const cure = 'Let both machines keep time with NTP (chrony, systemd-timesyncd).';
  const says = `its clock is ${apart.toFixed(1)} s from this machine's`;
  if (apart > 5) return fault(check, says, `${cure} Beyond 5 s the dispatcher and the workers do not start.`);
  return apart > 1 ? warning(check, says, cure) : ok(check, says);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
