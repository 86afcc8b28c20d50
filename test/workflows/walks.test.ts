/** Whole walks: the happy path of every product, and random ones that must never lead anywhere illegal. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { hashOf } from '../../kernel/ids.ts';
import { run } from '../../workflows/engine/run.ts';
import { ancestorsOf } from '../../workflows/graph/paths.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { factsOf } from '../../workflows/words/facts.ts';
import { isClosed, isOpen, isOver, type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  anOrder,
  asking,
  checker,
  client,
  created,
  doer,
  orderworks,
  refusalOf,
  walk,
  waysThrough,
} from '../support/given.ts';
import { checked, failing, holding, untold } from '../support/looks.ts';
import { tries } from '../support/many.ts';

const sold = Object.keys(products);

describe.each(sold)('%s', (product) => {
  test('goes live when every stage is left with its example', () => {
    const order = walk(anOrder(product));
    expect(order.status).toBe('live');
    expect(order.stages.every(isOver)).toBe(true);
    expect(order.holder).toBeUndefined();
  });

  test('tells the client once that the set-up is complete', () => {
    const order = walk(anOrder(product), workflowFor(product).stages.at(-1)?.key);
    let state = order;
    const effects = waysThrough(order, order.stage ?? '').flatMap(({ command, actor }) => {
      const change = run(state, command, asking(actor));
      state = change.state;
      return change.effects.filter(({ type }) => type === 'notify');
    });
    expect(effects).toEqual([expect.objectContaining({ template: 'setup-complete' })]);
  });
});

/** A random thing to ask of an order, right or wrong, by somebody who may or may not. */
interface Move {
  kind: number;
  stage: number;
  other: number;
  actor: number;
  stale: boolean;
}

/** What means something more when it is asked again. */
const repeatable = ['reschedule', 'restart-stage', 'remind'];

const actors: Actor[] = [doer, checker, admin, client, orderworks];

/** Who may ask for it, three times out of four; otherwise anybody, so that rights are part of the walk. */
function actorOf(command: OrderCommand, { actor, kind }: Move): Actor {
  if (actor === 0) return actors[kind % actors.length]!;
  if (/^(submit-form|decide-approval|delegate-approval)$/.test(command.type)) return client;
  if (/^(record|run|expire|check|remind)/.test(command.type) || (command.type === 'recheck-stage' && command.round))
    return orderworks;
  return command.type.startsWith('override') || command.type.startsWith('skip') ? admin : actor > 2 ? checker : doer;
}

/** Every state on the way to live, so that walks begin in the middle as well as at the beginning. */
const ways = new Map(sold.map((product) => [product, statesOf(product)]));

function statesOf(product: string): OrderState[] {
  const passed = [created(product).state];
  for (let order = passed[0]!; order.stage; order = passed.at(-1)!) {
    for (const { command, actor } of waysThrough(order, order.stage)) {
      passed.push(run(passed.at(-1)!, command, asking(actor)).state);
    }
  }
  return passed;
}

const begin = (product: string, from: number): OrderState => {
  const states = ways.get(product) ?? [];
  return states[from % states.length]!;
};
const moves = fc.array(
  fc.record({ kind: fc.nat(32), stage: fc.nat(20), other: fc.nat(20), actor: fc.nat(4), stale: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

function commandOf(state: OrderState, move: Move): OrderCommand {
  const { stages } = workflowFor(state.product);
  const current = stages.findIndex(({ key }) => key === state.stage);
  const at = move.stale ? move.stage % stages.length : Math.max(0, current);
  const declared = stages[at]!;
  const { key: stage } = declared;
  const is = stateOf(state, stage);
  const round = move.stale ? 1 : is.round;
  const data = exampleOf(declared);
  const to = declared.backTo[0] ?? stages[move.other % stages.length]!.key;
  const decision = move.other % 2 === 0 ? 'approve' : 'changes';
  const facts = factsOf(workflowFor(state.product));
  const all: OrderCommand[] = [
    { type: 'begin-stage', stage },
    { type: 'complete-stage', stage, data },
    { type: 'complete-stage', stage, data },
    { type: 'submit-form', stage, round, link: 'l', response: 'r', hash: hashOf(data), answers: data },
    { type: 'review-form', stage, decision: 'approve' },
    { type: 'review-form', stage, decision: 'revise' },
    { type: 'decide-approval', stage, round, approval: 'a', hash: is.hash ?? hashOf(1), decision },
    { type: 'send-back', stage, to },
    { type: 'skip-stage', stage },
    { type: 'override-stage', stage, action: (['complete', 'reopen', 'skip', 'move'] as const)[move.other % 4]! },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'resume' },
    move.other === 0 ? { type: 'cancel' } : { type: 'resume' },
    { type: 'record-link', stage, round, link: `l${round}` },
    { type: 'record-approval', stage, round, approval: 'a' },
    { type: 'run-check', stage, round },
    { type: 'expire-approval', stage, round },
    move.other % 2 === 0 ? { type: 'issue-link', stage } : { type: 'request-approval', stage },
    move.other === 0 ? { type: 'clear' } : { type: 'complete-order' },
    { type: 'grant-round', stage },
    { type: 'update-order', title: `Title ${move.other}` },
    { type: 'record-fact', fact: facts[move.other % facts.length]!, holds: move.stale, seq: move.stage + 1 },
    { type: 'reschedule', stage, days: 1 },
    { type: 'assign', manager: `m${move.other % 3}`, specialists: [{ staff: `s${move.other % 2}`, stage }] },
    {
      type: 'delegate-approval',
      stage,
      round,
      approval: is.approval ?? 'a',
      recipient: { name: 'Dee', email: 'd@example.com' },
    },
    { type: 'retry-stage', stage },
    { type: 'restart-stage', stage },
    { type: 'record-answer', stage, round, dispatch: 'd', outcome: move.stale ? 'unknown' : 'failed', data: {} },
    { type: 'resolve-outcome', stage, outcome: move.other % 2 === 0 ? 'done' : 'not_done', data },
    { type: 'remind', stage, round },
    checked(state, stage, [holding, failing, untold][move.other % 3]),
    { type: 'recheck-stage', stage, ...(move.stale && { round }) },
  ];
  return all[move.kind]!;
}

const earlier = new Map(
  sold.flatMap((product) => {
    const { stages } = workflowFor(product);
    return stages.map(({ key }) => [`${product} ${key}`, [...ancestorsOf(stages, key)]] as const);
  }),
);
const earlierThan = (product: string, key: string): readonly string[] => earlier.get(`${product} ${key}`) ?? [];

/** What does not hold of an order that should always hold, wherever it has been. */
function faultsOf(state: OrderState): string[] {
  const { stages } = workflowFor(state.product);
  const isMoving = !isClosed(state) && state.status !== 'paused';
  const isFinished = (key: string) => isOver(stateOf(state, key));
  const claims: [boolean, string][] = stages.flatMap(({ key, after }) => {
    const is = stateOf(state, key);
    const isReached = isOpen(is) || is.status === 'done';
    return [
      [is.round >= 1, `${key} has a round`],
      [!isReached || earlierThan(state.product, key).every(isFinished), `${key} comes after all before it`],
      [!isOpen(is) || is.holder !== undefined, `${key} is open and somebody has it`],
      [!is.blocked || is.status === 'waiting', `${key} is blocked and waits`],
      [
        is.status !== 'locked' || !isMoving || (after.length > 0 && !after.every(isFinished)),
        `${key} is locked for a reason`,
      ],
    ];
  });
  const forms = state.stages.filter(({ gate }) => gate === 'form');
  claims.push([state.status !== 'live' || state.stages.every(isOver), 'a live order has nothing open']);
  claims.push([state.onboarding !== 'approved' || forms.every(isOver), 'an approved onboarding has no open form']);
  return claims.filter(([holds]) => !holds).map(([, claim]) => claim);
}

describe('any walk', () => {
  test('stays legal, and asking the same again changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sold), fc.nat(60), moves, (product, from, walked) => {
        let state = begin(product, from);
        for (const move of walked) {
          const command = commandOf(state, move);
          const asked = asking(actorOf(commandOf(state, move), move), 'Because.');
          let change: ReturnType<typeof run> | undefined;
          if (refusalOf(() => (change = run(state, command, asked))) || !change) continue;
          const { state: after } = change;
          expect(faultsOf(after)).toEqual([]);
          const again = refusalOf(() => run(after, command, asked));
          if (!repeatable.includes(command.type)) expect(again, `${command.type} twice`).toBeDefined();
          state = after;
        }
      }),
      tries(250),
    );
  });

  test('can still reach live or a closed state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...sold), fc.nat(60), moves, (product, from, walked) => {
        let state = begin(product, from);
        for (const move of walked) {
          refusalOf(
            () =>
              (state = run(
                state,
                commandOf(state, move),
                asking(actorOf(commandOf(state, move), move), 'Because.'),
              ).state),
          );
        }
        for (const fact of factsOf(workflowFor(product))) {
          const seq = (state.facts?.[fact]?.seq ?? 0) + 1;
          if (!isClosed(state))
            state = run(state, { type: 'record-fact', fact, holds: true, seq }, asking(orderworks)).state;
        }
        if (state.status === 'paused') state = run(state, { type: 'resume' }, asking(admin)).state;
        const end = isClosed(state) ? state : finish(state);
        expect(['live', 'completed', 'cancelled']).toContain(end.status);
      }),
      tries(100),
    );
  });
});

/** Ends an order from wherever it is, by the ways that its gates offer. */
function finish(begun: OrderState): OrderState {
  let state = begun;
  for (let steps = 0; state.stage !== undefined && steps < 60; steps++) state = step(state, state.stage);
  return state;
}

function step(state: OrderState, stage: string): OrderState {
  const is = stateOf(state, stage);
  const declared = workflowFor(state.product).stages.find(({ key }) => key === stage)!;
  const data = exampleOf(declared);
  const { round, hash = '', approval = 'a' } = is;
  if (is.waitingFor === 'outcome-unknown')
    return run(state, { type: 'resolve-outcome', stage, outcome: 'done', data }, asking(doer, 'They said so.')).state;
  const go = (command: OrderCommand, actor: Actor) => run(state, command, asking(actor)).state;
  if (is.waitingFor === 'approval-expired' && !is.approval)
    return go({ type: 'record-approval', stage, round, approval }, orderworks);
  if (is.waitingFor === 'approval-expired') return go({ type: 'request-approval', stage }, doer);
  if (is.status === 'in_review') return go({ type: 'review-form', stage, decision: 'approve' }, doer);
  if (is.gate === 'form')
    return go(
      { type: 'submit-form', stage, round, link: 'l', response: 'r', hash: hashOf(data), answers: data },
      client,
    );
  if (is.gate === 'approval')
    return go({ type: 'decide-approval', stage, round, approval, hash, decision: 'approve' }, client);
  if (is.check?.isUnderway) return go(checked(state, stage), orderworks);
  if (declared.finds && is.status === 'failed')
    // What it would look at was skipped: a person takes it upon themselves.
    return run(state, { type: 'override-stage', stage, action: 'complete' }, asking(admin, 'Nothing to look at.'))
      .state;
  if (declared.finds) return go({ type: 'recheck-stage', stage }, doer);
  if (declared.check) return go({ type: 'run-check', stage, round }, orderworks);
  const person: Actor = { type: 'staff', id: `person-${stage}`, role: 'fulfillment' };
  return go({ type: 'complete-stage', stage, data }, person);
}
