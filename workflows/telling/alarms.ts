/**
 * What a person must look at, read off an order's state and nothing else: the same state has the same alarms, so that
 * one can be kept twice, late or out of order. An alarm begins and ends with its cause; nobody has to take it down.
 */

import type { StageAlarm } from '../gates/gate.ts';
import type { Workflow } from '../graph/workflow.ts';
import { isClosed, isOpen, isOver, type OrderState, type StageState } from '../words/state.ts';

export type Severity = 'notice' | 'warning' | 'critical';

export interface Alarm {
  kind: string;
  severity: Severity;
  stage?: string;
  since: Date;
  /** What is the matter, and what would end it. */
  what: string;
  cure: string;
}

export function alarmsOf({ managed, stages }: Workflow, state: OrderState): Alarm[] {
  if (isClosed(state)) return [];
  const ofStages = state.stages.flatMap((is) => {
    const { key, since = state.createdAt } = is;
    const stage = stages.find((candidate) => candidate.key === key);
    const kinds = [ofBudget, ...(stage?.gateRules.alarms ?? []), ...general];
    return kinds.flatMap(({ kind, severity, holds, words, cure }): Alarm[] => {
      if (!holds(is)) return [];
      const title = stage?.title ?? key;
      return [{ kind, severity: severity(is), stage: key, since, what: words.replace('%', `"${title}"`), cure }];
    });
  });
  return [...ofStages, ...ofOrder(managed, state)];
}

/** The alarms that one of the two states has and the other has not, each named once. */
export function alarmEdges(workflow: Workflow, before: OrderState | undefined, after: OrderState): AlarmName[] {
  const [was, is] = [before ? alarmsOf(workflow, before) : [], alarmsOf(workflow, after)];
  const has = (alarms: Alarm[], alarm: Alarm) =>
    alarms.some((one) => isSame(one, alarm) && one.severity === alarm.severity);
  const edges = [...is.filter((alarm) => !has(was, alarm)), ...was.filter((alarm) => !has(is, alarm))];
  const names = new Map(edges.map(({ kind, stage }) => [`${kind} ${stage}`, { kind, ...(stage && { stage }) }]));
  return [...names.values()];
}

export type AlarmName = Pick<Alarm, 'kind' | 'stage'>;

export const isSame = (one: AlarmName, other: AlarmName): boolean =>
  one.kind === other.kind && one.stage === other.stage;

/** The rung of the budget that makes an order late, and the one that escalates it. */
const late = 2;

const rungOf = (is: StageState): number => (isOpen(is) ? (is.clock?.rung ?? 0) : 0);
const waits = (is: StageState, reason: string): boolean => isOpen(is) && is.waitingFor === reason;

/** Asked of every stage at every change, before and after: so nothing is put together here that does not hold. */
const ofBudget: StageAlarm = {
  kind: 'sla',
  severity: (is) => (rungOf(is) > late ? 'critical' : 'warning'),
  holds: (is) => rungOf(is) >= late,
  words: '% is late.',
  cure: 'Finish the stage, or reschedule it with a reason.',
};

const general: readonly StageAlarm[] = [
  {
    kind: 'outcome-unknown',
    severity: () => 'critical',
    holds: (is) => waits(is, 'outcome-unknown'),
    words: 'Whether % was done is unknown.',
    cure: 'Find out, and say whether it was done.',
  },
  {
    kind: 'check-failed',
    severity: () => 'warning',
    holds: (is) => is.status === 'failed' && !waits(is, 'outcome-unknown'),
    words: '% has failed.',
    cure: 'Put right what is named and retry, or send the stage back.',
  },
  {
    kind: 'client-silent',
    severity: () => 'notice',
    holds: isClientSilent,
    words: 'The client does not answer about %.',
    cure: 'Call the client.',
  },
];

function isClientSilent(is: StageState): boolean {
  if (is.holder !== 'client' || isOver(is)) return false;
  return is.reminders?.some(({ about, to }) => about === is.waitingFor && to === 'agency') === true;
}

function ofOrder(managed: boolean, state: OrderState): Alarm[] {
  const isWithUs = state.status === 'setup' || state.pausedFrom === 'setup';
  const isUnassigned = managed && isWithUs && !state.assignees?.length;
  const unassigned: Alarm = {
    ...{ kind: 'unassigned', severity: 'warning', since: state.lastActivityAt },
    ...{ what: 'Nobody is responsible for the order.', cure: 'Assign a manager or a specialist.' },
  };
  const inactive: Alarm = {
    ...{ kind: 'inactive', severity: 'notice', since: state.lastContactAt ?? state.createdAt },
    ...{ what: 'Nobody has spoken with the client for a week.', cure: 'Write to the client, or pause the order.' },
  };
  return [...(isUnassigned ? [unassigned] : []), ...(state.isInactive && state.status !== 'live' ? [inactive] : [])];
}
