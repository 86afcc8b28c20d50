/**
 * What a person must look at, read off an order's state and nothing else: the same state has the same alarms, so that
 * one can be kept twice, late or out of order. An alarm begins and ends with its cause; nobody has to take it down.
 */

import type { StageAlarm } from '../gates/gate.ts';
import type { Workflow } from '../graph/workflow.ts';
import { isPending } from '../words/exceptions.ts';
import { undelivered } from '../words/mails.ts';
import { isClosed, isOpen, isOver, type OrderState, type StageState } from '../words/state.ts';

type Severity = 'notice' | 'warning' | 'critical';

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
  const ofStages = state.stages.flatMap((current) => {
    const { key, since = state.createdAt } = current;
    const stage = stages.find((candidate) => candidate.key === key);
    const kinds = [ofBudget, ...(stage?.gateRules.alarms ?? []), ...general];
    return kinds.flatMap(({ kind, severity, holds, words, cure }): Alarm[] => {
      if (!holds(current)) return [];
      const title = stage?.title ?? key;
      return [{ kind, severity: severity(current), stage: key, since, what: words.replace('%', `"${title}"`), cure }];
    });
  });
  return [...ofStages, ...ofOrder(managed, state)];
}

/** The alarms that one of the two states has and the other has not, each named once. */
export function alarmEdges(workflow: Workflow, before: OrderState | undefined, after: OrderState): AlarmName[] {
  const [was, current] = [before ? alarmsOf(workflow, before) : [], alarmsOf(workflow, after)];
  const has = (alarms: Alarm[], alarm: Alarm) =>
    alarms.some((one) => isSame(one, alarm) && one.severity === alarm.severity);
  const edges = [...current.filter((alarm) => !has(was, alarm)), ...was.filter((alarm) => !has(current, alarm))];
  const names = new Map(edges.map(({ kind, stage }) => [`${kind} ${stage}`, { kind, ...(stage && { stage }) }]));
  return [...names.values()];
}

export type AlarmName = Pick<Alarm, 'kind' | 'stage'>;

export const isSame = (one: AlarmName, other: AlarmName): boolean =>
  one.kind === other.kind && one.stage === other.stage;

/** The rung of the budget that makes an order late, and the one that escalates it. */
const late = 2;

const rungOf = (current: StageState): number => (isOpen(current) ? (current.clock?.rung ?? 0) : 0);
const waits = (current: StageState, reason: string): boolean => isOpen(current) && current.waitingFor === reason;

/** Asked of every stage at every change, before and after: so nothing is put together here that does not hold. */
const ofBudget: StageAlarm = {
  kind: 'sla',
  severity: (current) => (rungOf(current) > late ? 'critical' : 'warning'),
  holds: (current) => rungOf(current) >= late,
  words: '% is late.',
  cure: 'Finish the stage, or reschedule it with a reason.',
};

const general: readonly StageAlarm[] = [
  {
    kind: 'outcome-unknown',
    severity: () => 'critical',
    holds: (current) => waits(current, 'outcome-unknown'),
    words: 'It is unknown whether % was done.',
    cure: 'Find out, then record whether it was done.',
  },
  {
    kind: 'late-answer',
    severity: () => 'warning',
    holds: ({ late }) => late !== undefined,
    words: 'The vendor says after all that % was done.',
    cure: 'Look at the answer, then accept or dismiss it.',
  },
  {
    kind: 'exception-requested',
    severity: () => 'notice',
    holds: (current) => isOpen(current) && isPending(current.exception),
    words: 'An exception from the check of % is requested.',
    cure: 'Look at the evidence, then grant or refuse it. Whoever asked for it or did the work cannot.',
  },
  {
    kind: 'check-failed',
    severity: () => 'warning',
    holds: (current) => current.status === 'failed' && !waits(current, 'outcome-unknown'),
    words: '% has failed.',
    cure: 'Fix the problem and retry, or send the stage back.',
  },
  {
    kind: 'mail-undelivered',
    severity: () => 'warning',
    holds: (current) => isOpen(current) && undelivered(current) !== undefined,
    words: 'The email about % did not reach the client.',
    cure: 'Correct the address; it is then sent again. If the address is right, send it again yourself.',
  },
  {
    kind: 'client-silent',
    severity: () => 'notice',
    holds: isClientSilent,
    words: 'The client has not answered about %.',
    cure: 'Call the client.',
  },
];

function isClientSilent(current: StageState): boolean {
  if (current.holder !== 'client' || isOver(current)) return false;
  return current.reminders?.some(({ about, to }) => about === current.waitingFor && to === 'agency') === true;
}

function ofOrder(managed: boolean, state: OrderState): Alarm[] {
  const isWithUs = state.status === 'setup' || state.pausedFrom === 'setup';
  const isUnassigned = managed && isWithUs && !state.assignees?.length;
  const unassigned: Alarm = {
    ...{ kind: 'unassigned', severity: 'warning', since: state.lastActivityAt },
    ...{ what: 'Nobody is assigned to the order.', cure: 'Assign a manager or a specialist.' },
  };
  const inactive: Alarm = {
    ...{ kind: 'inactive', severity: 'notice', since: state.lastContactAt ?? state.createdAt },
    ...{ what: 'Nobody has contacted the client for a week.', cure: 'Write to the client, or pause the order.' },
  };
  return [...(isUnassigned ? [unassigned] : []), ...(state.isInactive && state.status !== 'live' ? [inactive] : [])];
}
