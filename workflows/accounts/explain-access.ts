/**
 * What an account tells of the accesses that an order goes by: where each stands and since when, what the last look has
 * shown, and when the next one is. An endpoint that does not answer is told as an alert, and as no more than that.
 */
import { type GrantName, grantOfFact, grantTitles } from './names.ts';
import type { AccountState, Grant } from './state.ts';

export interface AccessWords {
  /** Where each access stands that is not there. */
  standing: string[];
  tried: string[];
  next?: { what: string; at: Date };
}

/** `awaited` are the facts that the stage waits for, `needed` those that the order goes by at all. */
export function accessWords(
  { grants }: Pick<AccountState, 'grants'>,
  { awaited, needed }: { awaited: string[]; needed: string[] },
): AccessWords {
  const missing = namesIn(awaited).filter((name) => grants[name]?.status !== 'active');
  const looks = missing.flatMap((name) => {
    const at = grants[name]?.nextLookAt;
    return at ? [{ what: `Access to ${grantTitles[name]} is looked at again.`, at }] : [];
  });
  const [next] = looks.sort((one, other) => one.at.getTime() - other.at.getTime());
  return {
    standing: missing.map((name) => standingOf(name, grants[name])),
    tried: [
      ...missing.flatMap((name) => lastLookOf(name, grants[name])),
      ...namesIn([...new Set([...awaited, ...needed])]).flatMap((name) => alertOf(name, grants[name])),
    ],
    ...(next && { next }),
  };
}

const namesIn = (facts: string[]): GrantName[] => facts.flatMap((fact) => grantOfFact(fact) ?? []);

function standingOf(name: GrantName, current: Grant | undefined): string {
  if (!current) return `Access to ${grantTitles[name]} was never asked for.`;
  return `Access to ${grantTitles[name]} is ${current.status} since ${minute(current.since)}.`;
}

function lastLookOf(name: GrantName, current: Grant | undefined): string[] {
  if (!current?.lastLook || current.misses > 0) return [];
  return [`Access to ${grantTitles[name]} was looked at ${minute(current.lastLook.at)}: ${current.lastLook.says}`];
}

function alertOf(name: GrantName, current: Grant | undefined): string[] {
  if (!current?.lastLook || current.misses === 0) return [];
  const { lastLook, misses, nextLookAt } = current;
  const again = nextLookAt ? ` It is tried again ${minute(nextLookAt)}.` : '';
  const often = misses === 1 ? 'once' : `${misses} times in a row`;
  return [
    `Alert: access to ${grantTitles[name]} could not be looked at ${often}: ${lastLook.says} That is no loss of it.${again}`,
  ];
}

/** `2026-03-04 10:05 UTC`. */
const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
