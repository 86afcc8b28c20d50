/**
 * Access: the client grants what the order needs. Where each grant stands is the account's to know, and the stage goes by
 * it: once all are active it is over by itself. Staff who complete it with evidence attest the grants that nobody knows
 * of yet; against a grant that was lost nobody completes it.
 */
import { hashOf } from '../../kernel/ids.ts';
import { type GrantName, grantOfFact, grantTitles } from '../accounts/names.ts';
import type { Declared } from '../graph/stage.ts';
import type { Effect } from '../words/effects.ts';
import { accessesOf, hasEveryAccess } from '../words/facts.ts';
import { stateOf } from '../words/state.ts';
import type { Gate, OrderInWorkflow } from './gate.ts';

export const access: Gate = {
  opening: (_, { holder = 'client' }) => ({ status: 'waiting', holder, waitingFor: 'access' }),
  /** Of releases in which staff recorded what was granted, a stage may be ready: it waits again when an access is lost. */
  follows({ workflow, state }, { key: stage, holder = 'client' }) {
    const { round, status } = stateOf(state, stage);
    const isMissed = status === 'ready' && !hasEveryAccess(workflow, state);
    return isMissed ? [{ type: 'access-missed', stage, round, holder }] : [];
  },
  endsByItself(order, { title }) {
    if (!hasEveryAccess(order.workflow, order.state)) return undefined;
    const because = `Every access that "${title}" waits for is granted. Revoke the one that is missing first.`;
    return { hash: hashOf(numbersOf(order)), because };
  },
  objection(order, { title }) {
    const lost = grantsOf(order).filter(({ holds }) => holds === false);
    if (lost.length === 0) return undefined;
    const names = lost.map(({ grant }) => grantTitles[grant]).join(' and ');
    return `Access to ${names} is not granted. Attest it at the account; "${title}" is then completed by itself.`;
  },
  onCompletion: attestations,
  takes: ['complete-stage'],
  wayOut: 'staff attest the access with evidence.',
  isConfidential: true,
  replay: 'idempotent',
  newRound: 'sent_back',
  exit: 'required',
  supports: [],
  explain: ({ title }) => ({
    blocker: `Access is missing: "${title}".`,
    unblock: 'The client grants access, and staff attest it with evidence.',
  }),
  awaitedFacts: ({ workflow, state }) => accessesOf(workflow, state),
  ladders: {
    access: [
      { days: 1, to: 'client' },
      { hours: 48, to: 'manager' },
      { days: 3, to: 'client' },
      { days: 5, to: 'client' },
      { days: 7, to: 'agency' },
    ],
  },
};

interface Known {
  grant: GrantName;
  /** What the account last said, under which number; nothing and 0 where it has said nothing. */
  holds: boolean | undefined;
  seq: number;
}

function grantsOf({ workflow, state }: OrderInWorkflow): Known[] {
  return accessesOf(workflow, state).flatMap((fact) => {
    const grant = grantOfFact(fact);
    const { holds, seq = 0 } = state.facts?.[fact] ?? {};
    return grant ? [{ grant, holds, seq }] : [];
  });
}

const numbersOf = (order: OrderInWorkflow) => grantsOf(order).map(({ grant, seq }) => [grant, seq]);

/** What a person has seen belongs to the account, for all its orders. */
function attestations(order: OrderInWorkflow, { key }: Declared): Effect[] {
  const evidence = stateOf(order.state, key).data?.['evidence'];
  if (typeof evidence !== 'string') return [];
  const unknown = grantsOf(order).filter(({ holds }) => holds === undefined);
  return unknown.map(({ grant, seq }) => ({ type: 'attest-grant', grant, evidence, seq }));
}
