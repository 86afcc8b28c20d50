/** Counting items: always made from the items as they are, never added to, so that no crash can make a count wrong. */
import { type Counts, type ItemOutcome, outcomes, type Verdict, verdicts } from './operation.ts';

export const noCounts: Counts = { updated: 0, no_op: 0, refused: 0, conflict: 0, failed: 0, cancelled: 0, open: 0 };

export function countsOfItems(items: readonly { outcome?: ItemOutcome | undefined }[]): Counts {
  const counts = { ...noCounts };
  for (const { outcome = 'open' } of items) counts[outcome] += 1;
  return counts;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum = { ...noCounts };
  for (const counts of all) for (const name of [...outcomes, 'open'] as const) sum[name] += counts[name];
  return sum;
}

export function verdictsOf(items: readonly { verdict: Verdict }[]): Record<Verdict, number> {
  const counts = { will_change: 0, no_op: 0, refused: 0, conflict: 0 };
  for (const { verdict } of items) counts[verdict] += 1;
  return counts;
}

export function sumOfVerdicts(all: readonly Record<Verdict, number>[]): Record<Verdict, number> {
  const sum = { will_change: 0, no_op: 0, refused: 0, conflict: 0 };
  for (const counts of all) for (const verdict of verdicts) sum[verdict] += counts[verdict];
  return sum;
}

/** How many items each rule stopped. */
export function rulesOf(items: readonly { rule?: string | undefined }[]): Record<string, number> {
  const rules: Record<string, number> = {};
  for (const { rule } of items) if (rule) rules[rule] = (rules[rule] ?? 0) + 1;
  return rules;
}

export function sumOfRules(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const rules of all) for (const [rule, count] of Object.entries(rules)) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}
