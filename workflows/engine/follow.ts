/**
 * What follows by itself from a state: stages whose turn has come are entered or skipped, onboarding and order status
 * keep up. One thing at a time; the caller asks again until nothing follows. While an order is paused no stage is
 * entered, but what a client has sent in meanwhile still counts.
 */
import { hashOf } from '../../kernel/ids.ts';
import type { Data, Stage, Workflow } from '../graph/workflow.ts';
import { askedFor } from '../rules/ask-check.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { applies, blockings, hasEveryAccess, isBlocked } from '../words/facts.ts';
import {
  dataOf,
  isClosed,
  isOpen,
  isOver,
  type OnboardingStatus,
  type OrderState,
  type OrderStatus,
  type StageState,
  stateOf,
} from '../words/state.ts';

export function follow(workflow: Workflow, state: OrderState): Happening[] {
  if (isClosed(state)) return [];
  const onboarding = onboardingOf(state);
  if (onboarding !== state.onboarding) return [{ event: { type: 'onboarding-changed', to: onboarding } }];
  if (state.status === 'paused') return [];

  const milestone = workflow.stages.find((candidate) => isNewlyMade(state, candidate));
  if (milestone?.makes) return [{ event: { type: 'milestone-reached', fact: milestone.makes } }];
  const [blocking] = blockings(workflow, state);
  if (blocking) return [{ event: blocking }];
  const access = workflow.stages.flatMap((candidate) => accessTurn(workflow, state, candidate))[0];
  if (access) return [{ event: access }];
  const stage = workflow.stages.find((candidate) => isNext(state, candidate));
  if (stage) return [enter(workflow, state, stage)];
  const [unseen] = workflow.stages.flatMap((candidate) => (candidate.finds ? unseenYet(state, candidate) : []));
  if (unseen) return [{ event: askedFor(unseen.key, unseen) }];
  const status = statusOf(workflow, state);
  return status === state.status ? [] : [{ event: { type: 'status-changed', from: state.status, to: status } }];
}

/** The event of entering a stage: who gets the ball, and what an approval is bound to. */
export function entered(
  state: OrderState,
  stage: Stage,
  round: number,
): Extract<OrderEvent, { type: 'stage-entered' }> {
  const { status, holder, waitingFor } = openings[stage.gate];
  const hash = stage.gate === 'approval' ? hashOf(snapshotOf(state, stage)) : undefined;
  return {
    ...{ type: 'stage-entered', stage: stage.key, round, status, waitingFor, hash },
    holder: stage.holder ?? (stage.check || stage.finds ? 'system' : holder),
  };
}

/** What the client is shown: the data of the stages that the approval covers. */
export function snapshotOf(state: OrderState, { shows }: Stage): Data {
  return Object.fromEntries(shows.map((key) => [key, dataOf(state, key) ?? {}]));
}

type Opening = Pick<Extract<OrderEvent, { type: 'stage-entered' }>, 'status' | 'holder' | 'waitingFor'>;

const openings: Record<Stage['gate'], Opening> = {
  form: { status: 'waiting', holder: 'client', waitingFor: 'form' },
  access: { status: 'waiting', holder: 'client', waitingFor: 'access' },
  approval: { status: 'waiting', holder: 'client', waitingFor: 'approval' },
  external: { status: 'waiting', holder: 'third_party', waitingFor: 'answer' },
  work: { status: 'ready', holder: 'fulfillment' },
  qa: { status: 'ready', holder: 'fulfillment' },
  auto: { status: 'ready', holder: 'fulfillment' },
};

/** Several forms are one onboarding: the first that is not over says where it stands. */
function onboardingOf(state: OrderState): OnboardingStatus {
  const forms = state.stages.filter((stage) => stage.gate === 'form');
  if (forms.length === 0) return 'not_required';
  const form = forms.find((stage) => !isOver(stage));
  if (!form) return 'approved';
  if (form.status === 'in_review') return 'received';
  if (form.round > 1 && form.data) return 'needs_revision';
  return form.link ? 'sent' : 'pending';
}

/** Once the account has every access, the ball is with us: somebody records it. When one is lost, it is the client's. */
function accessTurn(workflow: Workflow, state: OrderState, { key, gate, holder }: Stage): OrderEvent[] {
  const is = stateOf(state, key);
  if (gate !== 'access' || isBlocked(is)) return [];
  const isThere = hasEveryAccess(workflow, state);
  const about = { stage: key, round: is.round };
  if (isThere && is.waitingFor === 'access') return [{ type: 'access-found', ...about, holder: 'fulfillment' }];
  if (isThere || is.status !== 'ready') return [];
  return [{ type: 'access-missed', ...about, holder: holder ?? openings.access.holder }];
}

function isNewlyMade(state: OrderState, { key, makes }: Stage): boolean {
  return makes !== undefined && stateOf(state, key).status === 'done' && !state.milestones?.includes(makes);
}

function isNext(state: OrderState, { key, after }: Stage): boolean {
  return stateOf(state, key).status === 'locked' && after.every((before) => isOver(stateOf(state, before)));
}

/** What the system leaves by itself is looked at as soon as it is its turn. */
function unseenYet(state: OrderState, { key }: Stage): StageState[] {
  const is = stateOf(state, key);
  return isOpen(is) && !is.blocked && !is.check ? [is] : [];
}

function enter(workflow: Workflow, state: OrderState, stage: Stage): Happening {
  const { round } = stateOf(state, stage.key);
  if (stage.when && !applies(stage.when, state)) {
    const event = { type: 'stage-skipped', stage: stage.key, round, why: 'condition' } as const;
    return { event, note: stage.when.otherwise };
  }
  const is = stateOf(state, stage.key);
  if (is.kept !== undefined && is.data) {
    const event = { type: 'stage-completed', stage: stage.key, round, by: is.kept, hash: hashOf(is.data) } as const;
    return { event, data: is.data };
  }
  const event = entered(state, stage, round);
  if (stage.gate !== 'access' || !hasEveryAccess(workflow, state)) return { event };
  return { event: { ...event, status: 'ready', holder: 'fulfillment', waitingFor: undefined } };
}

function statusOf(workflow: Workflow, state: OrderState): OrderStatus {
  if (state.stages.every(isOver)) return 'live';
  if (hasNoSetup(workflow)) return 'created';
  return state.onboarding === 'approved' || state.onboarding === 'not_required' ? 'setup' : 'onboarding';
}

/** Products that are switched on rather than set up go from created to live. */
const hasNoSetup = ({ stages }: Workflow): boolean => stages.length === 1;
