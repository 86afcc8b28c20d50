/** The state after its people have changed: the client, or whoever approves. What is asked of whom follows from it. */
import { gates } from '../gates/index.ts';
import type { Person } from '../words/effects.ts';
import { forgetMails } from '../words/mails.ts';
import type { OrderState, Reader, StageState } from '../words/state.ts';

const formerClientsKept = 20;

/** What leads to a page goes to whom the page is for, until it is asked for again. */
export function withClient(state: OrderState): Pick<OrderState, 'stages' | 'formerClients'> {
  const { formerClients = [], client } = state;
  return {
    stages: state.stages.map((stage) => (isLinked(stage) ? withReader(state, stage) : forgetMails(stage))),
    formerClients: [...formerClients, client].slice(-formerClientsKept),
  };
}

/** Staff have the last word: whoever the client had passed the decision of this stage on to, is not asked any more. */
export function withApprover(state: OrderState, key: string, approver: Person | undefined): OrderState {
  const stages = state.stages.map((stage) =>
    stage.key === key && stage.reader ? { ...stage, reader: unnamed(stage.reader) } : stage,
  );
  return { ...state, stages, ...(approver && { approver }) };
}

const isLinked = ({ link, approval }: StageState): boolean => link !== undefined || approval !== undefined;

/** Stages that were asked for before readers were kept have asked the usual one. */
function withReader(state: OrderState, stage: StageState): StageState {
  const usual = gates[stage.gate].reader?.(state);
  return usual && !stage.reader ? { ...stage, reader: usual } : stage;
}

const unnamed = ({ isNamed: _, ...person }: Reader): Reader => person;
