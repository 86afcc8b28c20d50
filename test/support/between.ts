/**
 * What may come between while an order is on its way, asked by somebody who may: every command to an order that people
 * and the system have, and the accesses and the subscription of its account, whose facts reach the order as they do in life.
 */
import type { Actor } from '../../kernel/actor.ts';
import type { AccountCommand } from '../../workflows/accounts/commands.ts';
import { type GrantName, grantNames, grantOfFact } from '../../workflows/accounts/names.ts';
import { runAccount } from '../../workflows/accounts/run.ts';
import { type AccountState, findings, newAccount, subscriptionStatuses } from '../../workflows/accounts/state.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { expiryOf, lookOf } from '../../workflows/time/timers.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { accessesOf, factsOf } from '../../workflows/words/facts.ts';
import { isOpen, type OrderState, reminderOf, stateOf } from '../../workflows/words/state.ts';
import { admin, client, doer, orderworks, refusalOf } from './given.ts';
import { checked, failing, holding, untold } from './looks.ts';

/** An order and its account, and the types of what was asked and not refused. */
export interface World {
  order: OrderState;
  account: AccountState;
  taken: string[];
}

/** An order whose account has given, was asked for, or knows nothing of an access that the order needs. */
export function worldOf(order: OrderState, standing: 'unasked' | 'asked' | 'given'): World {
  const world: World = { order, account: newAccount(), taken: [] };
  if (standing === 'unasked') return world;
  const grant = accessIn(order);
  const request = { type: 'request-grant', grant, probe: { type: 'attestation' } } as const;
  const attest = { type: 'attest-grant', grant, evidence: 'Seen in the manager account.' } as const;
  const asked = [request, ...(standing === 'given' ? [attest] : [])];
  const given = asked.reduce((now, command) => having(now, { command, actor: doer }, order.lastActivityAt), world);
  return { ...given, taken: [] };
}

/** The world after the `turn`-th of everything that may come between, or the next of it that is not refused. */
export function after(before: World, turn: number, at: Date): World {
  let world = before;
  const offered = [...ofOrder(world.order), ...ofAccount(world.order, world.account, at)];
  for (let next = 0; next < offered.length; next += 1) {
    const offer = offered[(turn + next) % offered.length] as Offer;
    const refusal = refusalOf(() => (world = having(world, offer, at)));
    if (!refusal) return world;
  }
  return world;
}

function having({ order, account, taken }: World, { command, actor }: Offer, at: Date): World {
  const asked = (by: Actor) => ({ actor: by, at, work: 'between', reason: 'Because it is so.' });
  const noted = [...taken, command.type];
  if (isOfOrder(command)) return { account, order: run(order, command, asked(actor)).state, taken: noted };
  const { state, events } = runAccount(account, command, asked(actor));
  const news = events.flatMap((event) => (event.type === 'fact-changed' ? [event] : []));
  const told = news.reduce((now, { fact, holds, seq }) => {
    let then = now;
    refusalOf(() => (then = run(now, { type: 'record-fact', fact, holds, seq }, asked(orderworks)).state));
    return then;
  }, order);
  return { account: state, order: told, taken: noted };
}

/** Where an answer or a look from outside has left the order, good or bad. */
export function troubled(order: OrderState): OrderState[] {
  const asked = { actor: orderworks, at: order.lastActivityAt, work: 'trouble' };
  return order.stages.filter(isOpen).flatMap(({ key }) =>
    fromOutside(order, key).flatMap(({ command }) => {
      const found: OrderState[] = [];
      refusalOf(() => found.push(run(order, command, asked).state));
      return found;
    }),
  );
}

interface Offer {
  command: OrderCommand | AccountCommand;
  actor: Actor;
}

const ofAccounts = ['request-grant', 'probe-grant', 'record-probe', 'attest-grant', 'refuse-grant', 'revoke-grant'];
const isOfOrder = (command: Offer['command']): command is OrderCommand =>
  ![...ofAccounts, 'expire-grant', 'set-subscription'].includes(command.type);

const by = <Command>(actor: Actor, ...commands: Command[]) => commands.map((command) => ({ command, actor }));

function ofOrder(state: OrderState): { command: OrderCommand; actor: Actor }[] {
  const stage = state.stage ?? state.stages[0]?.key ?? '';
  const { round, hash = '', approval = 'a' } = stateOf(state, stage);
  const declared = workflowFor(state.product).stages.find(({ key }) => key === stage);
  const [back = stage] = declared?.backTo ?? [];
  const shown = { stage, round, approval };
  const recipient = { name: 'Dee', email: 'dee@example.com' };
  const data = declared ? exampleOf(declared) : {};
  return [
    ...by<OrderCommand>(
      doer,
      { type: 'begin-stage', stage },
      { type: 'send-back', stage, to: back },
      { type: 'pause' },
      { type: 'resume' },
      { type: 'reschedule', stage, days: -30 },
      { type: 'review-form', stage, decision: 'revise' },
      { type: 'retry-stage', stage },
      { type: 'restart-stage', stage },
      { type: 'resolve-outcome', stage, outcome: 'done', data },
      { type: 'resolve-outcome', stage, outcome: 'not_done', data: {} },
      { type: 'recheck-stage', stage },
      { type: 'complete-stage', stage, data },
      { type: 'grant-round', stage },
      { type: 'request-approval', stage },
      { type: 'assign', manager: 'ann', specialists: [{ staff: 'bob', stage }] },
      { type: 'tag-order', add: ['vip'], remove: [] },
      { type: 'note-order', text: 'They are on holiday.' },
      { type: 'set-priority', priority: 'urgent' },
      { type: 'set-due-date', dueOn: '2026-03-31' },
    ),
    ...by<OrderCommand>(
      admin,
      { type: 'override-stage', stage, action: 'skip' },
      { type: 'cancel' },
      { type: 'complete-order' },
    ),
    ...by<OrderCommand>(
      client,
      { type: 'decide-approval', ...shown, hash, decision: 'changes', comment: 'Bluer, please.' },
      { type: 'delegate-approval', ...shown, recipient },
    ),
    ...fromOutside(state, stage),
    ...lost(state),
    ...rung(state),
  ];
}

/** What comes back from vendors and from looks. */
function fromOutside(state: OrderState, stage: string) {
  const { round } = stateOf(state, stage);
  const answer = { type: 'record-answer', stage, round, dispatch: 'd', data: {} } as const;
  return by<OrderCommand>(
    orderworks,
    { ...answer, outcome: 'failed', note: 'They have no room.' },
    { ...answer, outcome: 'unknown', note: 'No answer came.' },
    checked(state, stage, holding),
    checked(state, stage, failing),
    checked(state, stage, untold),
    { type: 'run-check', stage, round },
    { type: 'expire-approval', stage, round },
  );
}

const lost = ({ product }: OrderState) =>
  by<OrderCommand>(
    orderworks,
    ...factsOf(workflowFor(product)).map((fact) => ({ type: 'record-fact' as const, fact, holds: false, seq: 1 })),
  );

/** Every timer, under the number it runs under. */
function rung({ timers = {}, stages }: OrderState) {
  const numberOf = (name: string) => timers[name]?.seq ?? 1;
  const ofStages = stages.filter(isOpen).flatMap(({ key: stage, round }): OrderCommand[] => [
    { type: 'remind', stage, round, seq: numberOf(reminderOf(stage)) },
    { type: 'expire-approval', stage, round, seq: numberOf(expiryOf(stage)) },
    { type: 'recheck-stage', stage, round, seq: numberOf(lookOf(stage)) },
  ]);
  const whole: OrderCommand[] = [
    { type: 'check-sla', seq: numberOf('sla') },
    { type: 'check-inactivity', seq: numberOf('inactivity') },
  ];
  return by<OrderCommand>(orderworks, ...ofStages, ...whole);
}

/** One that the order needs, if it needs any. */
const accessIn = (order: OrderState): GrantName =>
  accessesOf(workflowFor(order.product), order).flatMap((fact) => grantOfFact(fact) ?? [])[0] ?? grantNames[0];

/** Everything about an access that the order needs, and about the subscription. */
function ofAccount(order: OrderState, { grants }: AccountState, at: Date): { command: AccountCommand; actor: Actor }[] {
  const grant = accessIn(order);
  const seq = grants[grant]?.seq ?? 1;
  const expiresAt = grants[grant]?.expiresAt?.toISOString() ?? at.toISOString();
  const url = 'https://tokens.example.com/acme';
  return [
    ...by<AccountCommand>(
      doer,
      { type: 'request-grant', grant, probe: { type: 'http', url } },
      { type: 'attest-grant', grant, evidence: 'Seen in the manager account.' },
      { type: 'refuse-grant', grant },
      { type: 'revoke-grant', grant },
      ...subscriptionStatuses.map((status) => ({ type: 'set-subscription' as const, status })),
    ),
    ...by<AccountCommand>(
      orderworks,
      ...findings.map((finding) => ({ type: 'record-probe' as const, grant, seq, finding, says: 'It was so.' })),
      { type: 'expire-grant', grant, expiresAt },
    ),
  ];
}
