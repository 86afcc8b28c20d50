/**
 * Lines of one file that are one order, because they say the same or bear the same key. Only so many lines are remembered;
 * the service knows the others when they are sent.
 */
import { hashedId } from '../../kernel/ids.ts';
import type { OrderWish } from './judge.ts';
import type { Verdict } from './verdict.ts';

const most = 100_000;

export type Repeats = (line: number, wish: OrderWish) => Verdict | undefined;

export function repeatsIn(): Repeats {
  const seen = new Map<string, { line: number; said: string }>();
  return (line, { once, account, command }) => {
    const said = hashedId(account, JSON.stringify(command));
    const first = seen.get(once);
    if (first?.said === said) return { line, verdict: 'duplicate', of: first.line };
    if (first) return { line, verdict: 'rejected', errors: [usedBy(first.line)] };
    if (seen.size < most) seen.set(once, { line, said });
    return undefined;
  };
}

const usedBy = (line: number) => ({
  ...{
    pointer: '/key',
    rule: 'key_reused',
    message: `Line ${line} uses this key for a different order. Use another key.`,
  },
});
