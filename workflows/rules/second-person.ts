/**
 * The second pair of eyes: who has worked on a stage, in whatever way, and that nobody passes a check of their own work.
 * Work is noted with what happened, so that it doesn't matter by which way a command came: a route, a bulk operation, a
 * replay or another service. What a client or the system did is nobody's of ours; reviewing is no work, and sending back
 * neither.
 */
import { type Actor, system } from '../../kernel/actor.ts';
import { Refusal } from '../../kernel/errors.ts';
import { stageOf } from '../graph/paths.ts';
import type { Declared } from '../graph/stage.ts';
import type { Workflow } from '../graph/workflow.ts';
import type { Contribution, Deed } from '../words/contributions.ts';
import type { Happening, OrderEvent } from '../words/events.ts';
import { type OrderState, stateOf } from '../words/state.ts';

type Work = Pick<Contribution, 'by' | 'did'>;

/** What happened, with who of ours did what of it. `state` is that before it; there is none before an order is made. */
export function signed(
  order: { workflow: Workflow; state: OrderState | undefined },
  happening: Happening,
  actor: Actor,
): Happening {
  const { event } = happening;
  const did = actor.type === 'staff' || actor.type === 'service' ? deedOf(order.workflow, event) : undefined;
  const by = 'by' in event && event.by ? event.by : actor.id;
  const own: Work[] = did && by !== system.id ? [{ by, did }] : [];
  const contributions = [...own, ...attestersOf(order, event)];
  return contributions.length > 0 ? { ...happening, contributions } : happening;
}

/** Of a stage that goes by what the account knows, whoever attested that has done it, though it ended by itself. */
function attestersOf({ workflow, state }: Parameters<typeof signed>[0], event: OrderEvent): Work[] {
  if (event.type !== 'stage-completed' || !state) return [];
  const facts = stageOf(workflow, event.stage).gateRules.awaitedFacts?.({ workflow, state }) ?? [];
  const people = facts.flatMap((fact) => state.facts?.[fact]?.by ?? []);
  return [...new Set(people)].map((by) => ({ by, did: 'attested' }));
}

function deedOf(workflow: Workflow, event: OrderEvent): Deed | undefined {
  switch (event.type) {
    case 'stage-begun':
      return 'began';
    case 'stage-recorded':
      return 'recorded';
    case 'stage-completed':
      return isDoneByClient(workflow, event.stage) ? undefined : 'completed';
    case 'stage-skipped':
      return event.why === 'condition' ? undefined : 'skipped';
    case 'stage-overridden':
      return event.action === 'complete' ? 'overrode' : undefined;
    case 'form-submitted':
      return 'submitted';
    case 'outcome-resolved':
      return 'resolved';
    case 'stage-retried':
      return 'retried';
    case 'late-answer-reviewed':
      return event.decision === 'accept' ? 'accepted' : undefined;
    case 'exception-requested':
      return 'appealed';
    default:
      return undefined;
  }
}

/** Whoever accepts what the client did has not done it. */
const isDoneByClient = (workflow: Workflow, stage: string): boolean =>
  stageOf(workflow, stage).gateRules.recordedAs !== undefined;

/** The state with the contributions noted; each person and deed once. */
export function withContributions(state: OrderState, { event, contributions }: Happening, at: Date): OrderState {
  if (!contributions || !('stage' in event)) return state;
  const isNew = ({ by, did }: Work) => !contributions.some((one) => one.by === by && one.did === did);
  const stages = state.stages.map((stage) => {
    if (stage.key !== event.stage) return stage;
    const { contributors = [], round } = stage;
    const noted = contributions.map((contribution) => ({ ...contribution, round, at }));
    return { ...stage, contributors: [...contributors.filter(isNew), ...noted] };
  });
  return { ...state, stages };
}

/** Throws where the person did any work, in any round, on a stage that this one vouches for. */
export function requireSecondPerson(state: OrderState, { key, vouchesFor = [] }: Declared, { id }: Actor): void {
  const deeds = vouchesFor.flatMap((stage) => deedsOn(state, stage, id));
  if (deeds.length === 0) return;
  throw new Refusal(
    'same_person',
    `"${key}" is passed by someone who did none of the work it checks. ${id} ${deeds.join(', ')}.`,
  );
}

/** What the person did on the stage, each with its round. */
export function deedsOn(state: OrderState, key: string, person: string): string[] {
  const { contributors = [], doer, round } = stateOf(state, key);
  const own = contributors.filter(({ by }) => by === person);
  const noted = own.length === 0 && doer === person ? [{ did: 'completed', round } as const] : own;
  return noted.map((deed) => `${deed.did} "${key}" in round ${deed.round}`);
}
