/**
 * Orders in tests, as sentences: `anOrder('seo').reaches('qa')`, `given(order).when(command).then(...)`. Work is done
 * by one person and checked by another; every stage is left with the example of its product file.
 */
import { expect } from 'vitest';
import type { Actor, Role } from '../../kernel/actor.ts';
import { Refusal, type RefusalCode } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import { run } from '../../workflows/engine/run.ts';
import type { Change } from '../../workflows/engine/unfold.ts';
import type { Stage } from '../../workflows/graph/workflow.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { looksAt } from '../../workflows/rules/ask-check.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { Effect } from '../../workflows/words/effects.ts';
import type { OrderEvent } from '../../workflows/words/events.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { holding } from './looks.ts';

export const staff = (id: string, role: Role = 'setup_manager'): Actor => ({ type: 'staff', id, role });
export const doer = staff('doer', 'fulfillment');
export const checker = staff('checker', 'fulfillment');
export const admin = staff('admin', 'order_admin');
export const client: Actor = { type: 'client', id: 'link-1' };
export const orderworks: Actor = { type: 'system', id: 'orderworks' };

/** A Monday, nine in the morning in New York. */
export const start = new Date('2026-03-02T14:00:00Z');
export const minutesLater = (n: number): Date => new Date(start.getTime() + n * 60_000);

/** Stand for values that a sentence need not spell out; the golden histories hold the hashes. */
export const aHash: string = expect.stringMatching(/^[0-9a-f]{64}$/);
export const aWork: string = expect.stringMatching(/^work-\d+$/);

let works = 0;
export const asking = (actor: Actor, reason?: string, at = start) => ({ actor, at, work: `work-${++works}`, reason });

/** A link or an approval request's id, as its issue would name it. */
const idFor = (state: OrderState, stage: string): string => `${stage}-${stateOf(state, stage).round}`;

export function created(product: string, with_: { tier?: string; options?: Record<string, unknown> } = {}): Change {
  const workflow = workflowFor(product);
  const { tier = workflow.tiers[0] ?? '', options = {} } = with_;
  const order = {
    source: 'manual',
    title: `${product} for Riverside`,
    client: { name: 'Cleo', email: 'cleo@example.com' },
  } as const;
  return run(undefined, { type: 'create-order', product, tier, options, ...order }, asking(admin));
}

export const anOrder = (product: string, with_?: Parameters<typeof created>[1]): OrderState =>
  created(product, with_).state;

interface Way {
  command: OrderCommand;
  actor: Actor;
}

/** The commands that leave `stage` in the way its gate asks for, each asked by whom it may be asked. */
export function waysThrough(state: OrderState, key: string): Way[] {
  const stage = workflowFor(state.product, state.workflowVersion).stages.find((candidate) => candidate.key === key);
  if (!stage) throw new Error(`No stage "${key}".`);
  const { round, hash = '' } = stateOf(state, key);
  const at = { stage: key, round };
  const data = exampleOf(stage);
  switch (stage.gate) {
    case 'form': {
      const submission = { link: idFor(state, key), response: `response-${round}`, hash: hashOf(data), answers: data };
      return [
        { command: { type: 'record-link', ...at, link: idFor(state, key) }, actor: orderworks },
        { command: { type: 'submit-form', ...at, ...submission }, actor: client },
        { command: { type: 'review-form', stage: key, decision: 'approve' }, actor: staff('reviewer') },
      ];
    }
    case 'approval': {
      const approval = idFor(state, key);
      return [
        { command: { type: 'record-approval', ...at, approval }, actor: orderworks },
        { command: { type: 'decide-approval', ...at, approval, hash, decision: 'approve' }, actor: client },
      ];
    }
    default:
      if (stage.check) return [{ command: { type: 'run-check', ...at }, actor: orderworks }];
      return [...recordOf(state, stage), ...lookOf(state, stage)];
  }
}

function recordOf(state: OrderState, { key, gate, finds, ...stage }: Stage): Way[] {
  if (finds || stateOf(state, key).check?.isUnderway) return [];
  const data = exampleOf({ ...stage, key, gate });
  return [{ command: { type: 'complete-stage', stage: key, data }, actor: gate === 'qa' ? checker : doer }];
}

/** What somebody has recorded, or the system leaves by itself, is looked at, and all of it holds. */
function lookOf(state: OrderState, stage: Stage): Way[] {
  const { round, check, data } = stateOf(state, stage.key);
  const record = check?.isUnderway ? (data ?? {}) : exampleOf(stage);
  const results = looksAt(stage, state, record).map(holding);
  if (!stage.looks || (results.length === 0 && !stage.finds)) return [];
  const attempt = check?.isUnderway ? check.attempt : (check?.attempt ?? 0) + 1;
  return [{ command: { type: 'record-check', stage: stage.key, round, attempt, results }, actor: orderworks }];
}

/** What is written down with every change and would only be noise in a sentence. */
const bookkeeping = ['ball-passed', 'timer-set'];

const inward = ['timer', 'alert', 'weigh', 'recheck', 'record-milestone', 'attest-grant'];
/** Effects that pass between an order, its account, its own clock and who keeps an eye on it: none reaches a client. */
export const isInward = ({ type }: Effect): boolean => inward.includes(type);

/** The order with `key` left as it should be. */
export function leaving(state: OrderState, key: string): OrderState {
  return waysThrough(state, key).reduce((now, { command, actor }) => run(now, command, asking(actor)).state, state);
}

/** The order once `key` is its turn; `undefined` walks to live. */
export function walk(state: OrderState, key?: string): OrderState {
  let now = state;
  while (now.stage !== undefined && now.stage !== key) now = leaving(now, now.stage);
  return now;
}

export interface Then {
  state: OrderState;
  effects: Effect[];
  /** These events and no others, bookkeeping apart, each with all that it says. */
  happened(...events: OrderEvent[]): Then;
  /** These effects and no others, save those that stay inside, each with all that it says. */
  asksFor(...effects: Effect[]): Then;
}

export function given(state: OrderState) {
  return {
    when(command: OrderCommand, actor: Actor = doer, reason?: string): Then {
      const { state: after, events, effects: all } = run(state, command, asking(actor, reason));
      const effects = all.filter((effect) => !isInward(effect));
      const facts = events.filter(({ type }) => !bookkeeping.includes(type));
      const then: Then = {
        state: after,
        effects,
        happened(...expected) {
          expect(facts).toEqual(expected);
          return then;
        },
        asksFor(...expected) {
          expect(effects).toEqual(expected);
          return then;
        },
      };
      return then;
    },
    refuses(command: OrderCommand, code: RefusalCode, by: { actor?: Actor; reason?: string } = {}): Refusal {
      const refusal = refusalOf(() => run(state, command, asking(by.actor ?? doer, by.reason)));
      expect(refusal?.code).toBe(code);
      return refusal as Refusal;
    },
  };
}

const sentence = /^["“\p{L}\d].*[.!?]$/u;

/** A refusal says in whole sentences what was wrong, and in which field, under which rule. */
function expectWords({ message, errors }: Refusal): void {
  expect(message).not.toMatch(/undefined| {2}|^\W*$/);
  if (!message.startsWith('/')) expect(message).toMatch(sentence);
  for (const field of errors) {
    expect(field.pointer).toMatch(/^\/./);
    expect(field.rule).toMatch(/^[a-z_]+$/);
    expect(field.message).not.toBe('');
  }
}

/** The refusal that `act` throws; undefined when it throws none. A fault goes through. */
export function refusalOf(act: () => unknown): Refusal | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expectWords(error);
    return error;
  }
}
