/** Page and rule are one: what the page of a link says can be answered, the rule takes, and nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../kernel/errors.ts';
import { days } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { products } from '../../workflows/index.ts';
import { type AskedPage, standingOf } from '../../workflows/telling/page.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, client, orderworks, start, waysThrough } from '../support/given.ts';
import { tries } from '../support/many.ts';

const other = { name: 'Cleo', email: 'cleo@example.org' };
const dee = { name: 'Dee', email: 'dee@example.com' };

/** What people and time do to an order besides moving it on. */
const disturbances: ((state: OrderState, stage: string) => OrderCommand)[] = [
  () => ({ type: 'pause' }),
  () => ({ type: 'resume' }),
  () => ({ type: 'update-order', client: other }),
  (_, stage) => ({ type: 'request-approval', stage, recipient: dee }),
  (_, stage) => ({ type: 'request-approval', stage }),
  (_, stage) => ({ type: 'issue-link', stage, recipient: dee }),
  (_, stage) => ({ type: 'issue-link', stage }),
  (_, stage) => ({ type: 'reschedule', stage, days: 3 }),
  (_, stage) => ({ type: 'skip-stage', stage }),
  (_, stage) => ({ type: 'restart-stage', stage }),
  (_, stage) => ({ type: 'override-stage', stage, action: 'complete' }),
  (state, stage) => ({ type: 'expire-approval', stage, round: stateOf(state, stage).round }),
  () => ({ type: 'record-fact', fact: 'subscription', holds: false, seq: 1 }),
  () => ({ type: 'cancel' }),
];

const step = fc.record({
  way: fc.option(fc.nat(disturbances.length - 1), { freq: 2 }),
  after: fc.nat(10),
});

interface Walk {
  state: OrderState;
  at: Date;
  pages: AskedPage[];
}

function taken({ state, at, pages }: Walk, { way, after }: { way: number | null; after: number }): Walk {
  const stage = state.stage;
  if (stage === undefined) return { state, at, pages };
  const next = new Date(at.getTime() + days(after));
  const known = pageOf(state, stage);
  const walked = { state: moved(state, { stage, way, at: next }), at: next };
  return { ...walked, pages: known ? [...pages, known] : pages };
}

function moved(state: OrderState, { stage, way, at }: { stage: string; way: number | null; at: Date }): OrderState {
  const [first] = waysThrough(state, stage);
  const disturbance = way === null ? undefined : disturbances[way]?.(state, stage);
  const isSystem = disturbance && ['expire-approval', 'record-fact'].includes(disturbance.type);
  const asked = disturbance ? { command: disturbance, actor: isSystem ? orderworks : admin } : first;
  if (!asked) return state;
  try {
    return nextWay(run(state, asked.command, asking(asked.actor, 'Because.', at)).state, { stage, at, way });
  } catch (error) {
    if (error instanceof Refusal) return nextWay(state, { stage, at, way });
    throw error;
  }
}

/** Left undisturbed, the stage is gone through to its end. */
function nextWay(state: OrderState, { stage, at, way }: { stage: string; at: Date; way: number | null }): OrderState {
  if (way !== null || state.stage !== stage) return state;
  return waysThrough(state, stage)
    .slice(1)
    .reduce((order, { command, actor }) => {
      try {
        return run(order, command, asking(actor, 'Because.', at)).state;
      } catch (error) {
        if (error instanceof Refusal) return order;
        throw error;
      }
    }, state);
}

/** The page that the worker makes for what the stage asks now. */
function pageOf(state: OrderState, stage: string): AskedPage | undefined {
  const { round, reader, hash, gate, status } = stateOf(state, stage);
  if (!reader || status !== 'waiting' || (gate !== 'form' && gate !== 'approval')) return undefined;
  const page = { stage, round, recipient: reader, ...(gate === 'approval' && hash !== undefined && { hash }) };
  return { _id: `${stage}-${round}`, ...page };
}

/** Whether the rule would take the answer from that page. */
function isTaken(state: OrderState, page: AskedPage): boolean {
  const { stage, round, hash } = page;
  const answers = waysThrough(state, stage).find(({ command }) =>
    ['submit-form', 'decide-approval'].includes(command.type),
  );
  const command = {
    ...answers?.command,
    round,
    ...(hash !== undefined && { hash, approval: page._id }),
  } as OrderCommand;
  try {
    run(state, command, asking(client, undefined, start));
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

describe('a page', () => {
  test.each(Object.keys(products))(
    'of %s is open only where the rule takes its answer, at any step of any walk',
    (product) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
          const walk = steps.reduce<Walk>(taken, { state: anOrder(product), at: start, pages: [] });
          for (const page of walk.pages) {
            if (standingOf(walk.state, page) === 'open')
              expect([page, isTaken(walk.state, page)]).toEqual([page, true]);
          }
          const { stage } = walk.state;
          const current = stage === undefined ? undefined : pageOf(walk.state, stage);
          const isAsking = current && !stateOf(walk.state, stage!).blocked && walk.state.status !== 'paused';
          if (current && isAsking && isTaken(walk.state, current) && !isUsedUp(walk.state, stage!)) {
            expect([current, standingOf(walk.state, current)]).toEqual([current, 'open']);
          }
        }),
        tries(40),
      );
    },
  );

  test('is for one person at a time, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { state, pages } = steps.reduce<Walk>(taken, { state: anOrder('google_ads'), at: start, pages: [] });
        const open = pages.filter((page) => standingOf(state, page) === 'open');
        for (const { stage } of open) {
          const readers = open.filter((page) => page.stage === stage).map(({ recipient }) => recipient.email);
          expect(new Set(readers).size).toBe(1);
        }
      }),
      tries(100),
    );
  });
});

/** The client has asked for changes beyond what is included: the page has been used, and the agency decides. */
const isUsedUp = (state: OrderState, stage: string): boolean => stateOf(state, stage).waitingFor === 'change-order';
