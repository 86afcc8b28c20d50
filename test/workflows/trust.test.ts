/** Ten points for every product; the table at the end shows product by point. */
import { afterAll, describe, expect, test } from 'vitest';
import { hours, minutes } from '../../kernel/time.ts';
import { migrate } from '../../workflows/engine/migrate.ts';
import { run } from '../../workflows/engine/run.ts';
import type { Stage, Workflow } from '../../workflows/graph/workflow.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { factsOf, subscriptionFact } from '../../workflows/words/facts.ts';
import { sentenceOf } from '../../workflows/words/looks.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  anOrder,
  asking,
  checker,
  client,
  doer,
  given,
  isInward,
  orderworks,
  refusalOf,
  start,
  walk,
  waysThrough,
} from '../support/given.ts';
import { checked, failing, holding, looksOf, untold } from '../support/looks.ts';
import { untilNothingRings } from '../support/silence.ts';

const points = [
  'live',
  'exit data',
  'back edge',
  'void',
  'silence',
  'pause',
  'lost fact',
  'twice',
  'bulk',
  'migration',
  'looks',
] as const;
const switchedOn = ['phone_number', 'software'];
const sold = Object.keys(products).filter((product) => !switchedOn.includes(product));
const table = new Map(sold.map((product) => [product, new Map<string, string>()]));
const mark = (product: string, point: (typeof points)[number], word = 'yes') => table.get(product)?.set(point, word);

const approvalsOf = (product: string): Stage[] => workflowFor(product).stages.filter(({ gate }) => gate === 'approval');
/** In the tier whose workflow has every stage. */
const anyOrder = (product: string): OrderState => anOrder(product, { tier: 'premium' });
const decide = (order: OrderState, key: string, decision: 'approve' | 'changes'): OrderCommand => {
  const { round, hash = '' } = stateOf(order, key);
  return { type: 'decide-approval', stage: key, round, approval: `${key}-${round}`, hash, decision };
};

/** Every command of the happy path with the order that it meets. */
function happyPath(product: string) {
  const steps: { order: OrderState; command: OrderCommand; actor: typeof doer }[] = [];
  let order = anyOrder(product);
  while (order.stage) {
    for (const way of waysThrough(order, order.stage)) {
      steps.push({ order, ...way });
      order = run(order, way.command, asking(way.actor)).state;
    }
  }
  return { steps, end: order };
}

describe.each(sold)('%s', (product) => {
  const { stages } = workflowFor(product);
  const path = happyPath(product);

  test('1. goes live', () => {
    expect(path.end.status).toBe('live');
    mark(product, 'live');
  });

  test('2. names the field when a stage is left with nothing, or with more than it asks for', () => {
    const left = path.steps.filter(
      ({ command }) => command.type === 'complete-stage' || command.type === 'submit-form',
    );
    for (const { order, command, actor } of left) {
      const field = command.type === 'submit-form' ? 'answers' : 'data';
      for (const [data, rule] of [
        [{}, 'required'],
        [{ shoe_size: 44 }, 'unknown_field'],
      ] as const) {
        const { errors } = given(order).refuses({ ...command, [field]: data } as OrderCommand, 'exit_data_invalid', {
          actor,
        });
        expect(errors.filter((error) => error.pointer.startsWith(`/${field}/`) && error.message.length > 5)).toEqual(
          errors,
        );
        expect(errors.map((error) => error.rule)).toContain(rule);
      }
    }
    expect(left.length).toBeGreaterThan(2);
    mark(product, 'exit data');
  });

  test('3. goes back along every declared edge under a new round, and what depends on it is locked again', () => {
    const edges = stages.flatMap(({ key, backTo }) => backTo.map((to) => ({ key, to })));
    for (const { key, to } of edges) {
      const order = walk(anyOrder(product), key);
      const { state } = given(order).when({ type: 'send-back', stage: key, to }, doer, 'It is wrong.');
      expect(stateOf(state, to).round).toBe(stateOf(order, to).round + 1);
      expect(stateOf(state, to).status).not.toBe('done');
      expect(stateOf(state, key)).toMatchObject({ status: 'locked', round: 2 });
    }
    mark(product, 'back edge');
  });

  test('4. an approval is void once what it shows has changed', () => {
    const approvals = approvalsOf(product);
    for (const { key } of approvals) {
      const shown = walk(anyOrder(product), key);
      const back = given(shown).when(decide(shown, key, 'changes'), client).state;
      const again = walk(back, key);
      given(again).refuses(decide(shown, key, 'approve'), 'approval_void', { actor: client });
    }
    mark(product, 'void', approvals.length > 0 ? 'yes' : 'none');
  });

  test('5. a silent client is reminded rung by rung, then the agency is told, and then nothing more is sent', () => {
    const asked = stages.filter(({ gate }) => gate === 'form' || gate === 'access' || gate === 'approval');
    for (const { key, gate } of asked) {
      const { state, tells } = untilNothingRings(walk(anyOrder(product), key));
      const own = tells.filter(({ stage }) => stage === key);
      const rungs = own.map(({ about, rung }) => `${about} ${rung}`);
      expect(new Set(rungs).size).toBe(rungs.length);
      expect(own.filter(({ to }) => to === 'client').length).toBeGreaterThanOrEqual(1);
      expect(own.at(-1)).toMatchObject({ to: 'agency', template: 'client-silent' });
      expect(stateOf(state, key)).toMatchObject({ status: 'waiting' });
      if (gate === 'approval') {
        expect(stateOf(state, key)).toMatchObject({ holder: 'agency', waitingFor: 'approval-expired' });
      }
    }
    mark(product, 'silence', asked.length > 0 ? 'yes' : 'none');
  });

  test('6. a pause freezes its timers, and they go on with the rest', () => {
    const ours = path.steps.find(({ order }) => order.timers?.['sla']?.at);
    const order = ours?.order;
    const before = order?.timers?.['sla'];
    if (!order || !before?.at) throw new Error('No stage of ours has a timer.');
    const at = new Date(start.getTime() + hours(1));
    const paused = run(order, { type: 'pause' }, asking(doer, 'Wait.', at)).state;
    expect(refusalOf(() => run(paused, { type: 'check-sla', seq: before.seq }, asking(orderworks)))?.code).toBe(
      'superseded',
    );
    const resumed = run(
      paused,
      { type: 'resume' },
      asking(doer, undefined, new Date(at.getTime() + hours(30 * 24))),
    ).state;
    expect(resumed.timers?.['sla']?.seq).toBe(before.seq + 1);
    expect(resumed.timers?.['sla']?.at?.getTime()).toBeGreaterThan(before.at.getTime() + hours(20 * 24));
    mark(product, 'pause');
  });

  test('7. a lost fact blocks the stage that needs it once, and its return gives it back', () => {
    const facts = factsOf(workflowFor(product)).filter((fact) => fact !== subscriptionFact);
    let tried = 0;
    for (const fact of facts) {
      const needing = path.steps.find(({ order }) => needs(order, fact));
      if (!needing) continue;
      tried += 1;
      const lost = run(needing.order, { type: 'record-fact', fact, holds: false, seq: 9 }, asking(orderworks));
      expect(lost.events.filter(({ type }) => type === 'stage-blocked')).toHaveLength(1);
      const again = run(lost.state, { type: 'record-fact', fact, holds: false, seq: 10 }, asking(orderworks));
      expect(again.events.filter(({ type }) => type === 'stage-blocked')).toEqual([]);
      const back = run(again.state, { type: 'record-fact', fact, holds: true, seq: 11 }, asking(orderworks)).state;
      expect(back.stages.map(({ status }) => status)).toEqual(needing.order.stages.map(({ status }) => status));
    }
    mark(product, 'lost fact', tried > 0 ? 'yes' : 'none');
  });

  test('8. a second delivery of any command changes nothing', () => {
    for (const { order, command, actor } of path.steps) {
      const { state } = run(order, command, asking(actor));
      expect(
        refusalOf(() => run(state, command, asking(actor))),
        command.type,
      ).toBeDefined();
    }
    mark(product, 'twice');
  });

  test('9. one command over orders in every state has the right verdict for each', () => {
    const target = stages.find(({ gate }) => gate === 'work' || gate === 'external')?.key ?? '';
    const declared = stages.find(({ key }) => key === target)!;
    const command: OrderCommand = { type: 'complete-stage', stage: target, data: exampleOf(declared) };
    const verdicts = path.steps.map(({ order }) => {
      const { status: is, check } = stateOf(order, target);
      const status = check?.isUnderway ? 'looked at' : is;
      const verdict = refusalOf(() => run(order, command, asking(checker)))?.code ?? 'will_change';
      return { status, verdict };
    });
    const expected: Record<string, string> = {
      locked: 'stage_not_ready',
      done: 'stage_finished',
      ready: 'will_change',
      waiting: 'will_change',
      'looked at': 'request_underway',
    };
    for (const { status, verdict } of verdicts) expect(verdict).toBe(expected[status]);
    expect(new Set(verdicts.map(({ verdict }) => verdict)).size).toBeGreaterThan(1);
    mark(product, 'bulk');
  });

  test('10. moves to a next version with what is done, shown and sent', () => {
    const from = workflowFor(product);
    const to = withOneMore(from);
    for (const { order } of path.steps) {
      const { verdict, change, approvalsAskedAgain } = migrate({ from, to }, order, start);
      expect(verdict).toBe('will_change');
      expect(approvalsAskedAgain).toBe(0);
      for (const stage of order.stages) {
        const { clock: _, ...was } = stage;
        if (stage.status !== 'locked') expect(change?.state.stages).toContainEqual(expect.objectContaining(was));
      }
      expect(change?.effects.filter((effect) => !isInward(effect))).toEqual([]);
    }
    mark(product, 'migration');
  });

  test('11. what is looked at outside holds before the stage is over, and a look that fails names itself', () => {
    const looking = path.steps.filter(({ command }) => command.type === 'record-check');
    for (const { order, command } of looking) {
      if (command.type !== 'record-check') continue;
      const { stage } = command;
      const [first] = looksOf(order, stage);
      if (!first) throw new Error(`${stage} looks at nothing.`);
      for (const [found, status] of [
        [failing, 'failed'],
        [untold, 'waiting'],
      ] as const) {
        const { state } = given(order).when(
          checked(order, stage, (look) => (sentenceOf(look) === sentenceOf(first) ? found(look) : holding(look))),
          orderworks,
        );
        expect(stateOf(state, stage).status).toBe(status);
        const why = explain(state, start);
        expect(why.blocker).toContain(sentenceOf(first));
        expect(why.next?.at?.getTime()).toBe(start.getTime() + minutes(5));
      }
    }
    mark(product, 'looks', looking.length > 0 ? 'yes' : 'none');
  });
});

const needs = (order: OrderState, fact: string): boolean =>
  workflowFor(order.product).stages.some(
    ({ key, needs: facts = [] }) =>
      ['ready', 'waiting'].includes(stateOf(order, key).status) &&
      facts.some((need) => need.fact === fact && need.assumed),
  );

/** The workflow with another stage of work before its last. */
function withOneMore(workflow: Workflow): Workflow {
  const last = workflow.stages.at(-1)!;
  const before = workflow.stages.slice(0, -1);
  const more: Stage = {
    ...last,
    key: 'one_more',
    title: 'One more',
    gate: 'work',
    check: undefined,
    backTo: [],
    after: last.after,
    makes: undefined,
    exit: workflow.options,
    needs: [],
  };
  return { ...workflow, version: 2, stages: [...before, more, { ...last, after: ['one_more'] }] };
}

afterAll(() => {
  const rows = [...table].map(([product, marks]) => [
    product.padEnd(15),
    ...points.map((point) => (marks.get(point) ?? '-').padEnd(point.length)),
  ]);
  console.log([['product'.padEnd(15), ...points], ...rows].map((row) => row.join('  ')).join('\n'));
});
