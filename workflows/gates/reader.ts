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
export function readerOf({ gateRules }: OfGate, state: OrderState, { reader }: StageState): Person | undefined {
  return reader?.isNamed && !isFormerAddress(state, reader) ? reader : gateRules.reader?.(state);
}

/** Whom the stage asks in its next round, or once more in this one; `named` is who is to be asked instead. */
export function nextReader(
  stage: OfGate,
  order: { state: OrderState; current: StageState },
  named: Person | undefined,
): Reader | undefined {
  const usual = stage.gateRules.reader?.(order.state);
  if (!usual) return undefined;
  if (named) return sameMailbox(named, usual) ? usual : { ...named, isNamed: true };
  const { isNamed } = order.current.reader ?? {};
  const reader = readerOf(stage, order.state, order.current) ?? usual;
  return isNamed && !sameMailbox(reader, usual) ? { ...reader, isNamed } : usual;
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

/** An address that the client had until it was corrected: whoever was named under it is the client. */
export const isFormerAddress = ({ formerAddresses = [], client }: OrderState, person: Person): boolean =>
  !sameMailbox(person, client) && formerAddresses.some((email) => sameMailbox({ ...person, email }, person));
