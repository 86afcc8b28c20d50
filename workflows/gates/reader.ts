/**
 * Whom a stage asks. It follows from what the order knows now, so that a corrected address counts everywhere at once: for
 * what is sent next, for what is on its way, and for the pages that are out already.
 */
import type { Person } from '../words/effects.ts';
import type { OrderState, Reader, StageState } from '../words/state.ts';
import type { Gate } from './gate.ts';

interface OfGate {
  gateRules: Pick<Gate, 'reader'>;
}

/** Who was named for the stage, or else whom its gate asks; undefined where the client has no page. */
export function readerOf({ gateRules }: OfGate, state: OrderState, { reader }: StageState): Reader | undefined {
  if (!gateRules.reader) return undefined;
  return reader?.isNamed ? { ...presentAddress(state, reader), isNamed: true } : gateRules.reader(state);
}

/** Whom the stage asks in its next round, or once more in this one; `named` is who is to be asked instead. */
export function nextReader(
  stage: OfGate,
  { state, current }: { state: OrderState; current: StageState },
  named: Person | undefined,
): Reader | undefined {
  const usual = stage.gateRules.reader?.(state);
  const next = named ? ({ ...named, isNamed: true } as const) : readerOf(stage, state, current);
  return usual && next && sameMailbox(usual, next) ? usual : next;
}

/** What a stage remembers of it for its later rounds. */
export const keptReader = ({ reader }: StageState): Pick<StageState, 'reader'> => (reader?.isNamed ? { reader } : {});

/** Whether the stage has asked somebody else than it would ask now. */
export function isAskedElsewhere(stage: OfGate, state: OrderState, current: StageState): boolean {
  const reader = readerOf(stage, state, current);
  return reader !== undefined && current.reader !== undefined && !sameMailbox(reader, current.reader);
}

export const sameMailbox = (one: Person, other: Person): boolean =>
  one.email.toLowerCase() === other.email.toLowerCase();

export const personOf = ({ name, email }: Person): Person => ({ name, email });

/** Whoever was named under an address that the client had until it was corrected is the client; others are as named. */
export function presentAddress({ formerClients = [], client }: OrderState, named: Person): Person {
  return formerClients.reduce((person, former, index) => {
    const next = formerClients[index + 1] ?? client;
    const isCorrected = former.name === next.name || sameMailbox(former, next);
    return sameMailbox(former, person) && isCorrected ? next : person;
  }, named);
}

/** Whether who is asked was one of these, by the address; by the name, too, where `now` has the same address. */
export const isOneOf = (formerly: readonly Person[], asked: Person, now: Person): boolean =>
  formerly.some((former) => sameMailbox(former, asked) && (former.name === asked.name || !sameMailbox(former, now))) &&
  (asked.name !== now.name || !sameMailbox(asked, now));

/** Whether the order was once this person's, and is another's, or another address's, now. */
export const isFormerClient = ({ formerClients = [], client }: OrderState, person: Person): boolean =>
  formerClients.some((former) => sameMailbox(former, person)) && !sameMailbox(person, client);
