/** Reminder ladders: rung by rung, ended by whatever ends the waiting, and never at night. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { days, hours } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { isStillWaitedFor, rungsLeft } from '../../workflows/telling/ladders.ts';
import { dayIn, wakingTime } from '../../workflows/time/quiet-hours.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { isClosed, type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  anOrder,
  asking,
  client,
  doer,
  given,
  orderworks,
  refusalOf,
  start,
  walk,
  waysThrough,
} from '../support/given.ts';
import { isMutating, tries } from '../support/many.ts';
import { commandOf, nextTimer, type Tell, tellsOf, untilNothingRings } from '../support/silence.ts';

describe('the usual ladder', () => {
  test('of a form reminds after one, three and five business days and then tells the agency', () => {
    const { tells, state } = untilNothingRings(anOrder('seo'));
    expect(tells.map(({ template, to, at }) => `${template} ${to} ${at.toISOString().slice(0, 10)}`)).toEqual([
      'reminder-form client 2026-03-02',
      'reminder-form client 2026-03-04',
      'reminder-form client 2026-03-06',
      'client-silent agency 2026-03-10',
    ]);
    expect(explain(state, new Date('2026-04-01T12:00:00Z')).tried).toContain(
      'The client was reminded 3 times, last on 2026-03-06.',
    );
    expect(state.isInactive).toBe(true);
  });

  test('of an access tells the manager after 48 hours', () => {
    const { tells } = untilNothingRings(walk(anOrder('seo'), 'access_granted'));
    const told = tells.find(({ to }) => to === 'manager');
    expect(told?.at).toEqual(new Date(start.getTime() + hours(48)));
  });

  test('of an approval ends with its expiry, which the manager and then the agency are told of', () => {
    const { tells } = untilNothingRings(walk(anOrder('google_ads'), 'client_approval'));
    const own = tells.filter(({ stage }) => stage === 'client_approval').map(({ about, to }) => `${about} ${to}`);
    expect(own.slice(-2)).toEqual(['approval-expired manager', 'approval-expired agency']);
    expect(own.slice(0, -2).every((one) => one === 'approval client')).toBe(true);
  });

  test('stands still while the order is paused and goes on with the rest', () => {
    const order = anOrder('seo');
    const at = new Date(start.getTime() + hours(2));
    const paused = run(order, { type: 'pause' }, asking(doer, 'Wait.', at)).state;
    const timer = order.timers?.['reminder-intake'];
    const late = { type: 'remind', stage: 'intake', round: 1, seq: timer?.seq } as OrderCommand;
    expect(refusalOf(() => run(paused, late, asking(orderworks, undefined, timer?.at)))?.code).toBe('superseded');
    const resumed = run(paused, { type: 'resume' }, asking(doer, undefined, new Date(at.getTime() + days(2)))).state;
    expect(resumed.timers?.['reminder-intake']).toMatchObject({
      seq: 2,
      at: new Date((timer?.at?.getTime() ?? 0) + days(2)),
    });
  });

  test('sends what is overdue once for each reader, not once for each rung', () => {
    const order = anOrder('seo');
    const command = commandOf(nextTimer(order)!);
    const { effects, state } = run(order, command, asking(orderworks, undefined, new Date(start.getTime() + days(20))));
    expect(tellsOf(effects).map(({ to, rung }) => [to, rung])).toEqual([
      ['client', 2],
      ['agency', 3],
    ]);
    expect(
      stateOf(state, 'intake')
        .reminders?.map(({ rung }) => rung)
        .sort(),
    ).toEqual([0, 1, 2, 3]);
  });

  test('can be given by a product instead', () => {
    const workflow = workflowFor('seo');
    const ladder = [{ days: 2, to: 'agency' }] as const;
    const stages = workflow.stages.map((stage) => (stage.key === 'intake' ? { ...stage, ladder } : stage));
    const order = anOrder('seo');
    const left = rungsLeft({ ...workflow, stages }, order, stateOf(order, 'intake'));
    expect(left).toEqual([{ rung: 0, to: 'agency', at: new Date('2026-03-03T22:00:00Z') }]);
  });
});

describe('an order that nobody speaks about', () => {
  test('counts as inactive once, until somebody speaks, and only where it is managed for the client', () => {
    const count = (product: string) => {
      let inactive = 0;
      let state = walk(anOrder(product), workflowFor(product).stages.find(({ gate }) => gate === 'work')?.key);
      for (let timer = nextTimer(state); timer; timer = nextTimer(state)) {
        const change = run(state, commandOf(timer), asking(orderworks, undefined, timer.at));
        inactive += change.events.filter(({ type }) => type === 'order-inactive').length;
        state = change.state;
      }
      return inactive;
    };
    expect([count('seo'), count('listings')]).toEqual([1, 0]);
  });
});

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'];
const hourIn = (at: Date, timeZone: string) =>
  Number(new Intl.DateTimeFormat('en-GB', { hour: 'numeric', hourCycle: 'h23', timeZone }).format(at));

describe('a waking time', () => {
  test('is by day in every zone, at most half a day away, and the same asked again', () => {
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.constantFrom(...zones), (at, zone) => {
        const awake = wakingTime(at, zone);
        expect(hourIn(awake, zone)).toBeGreaterThanOrEqual(8);
        expect(hourIn(awake, zone)).toBeLessThan(20);
        expect(awake.getTime() - at.getTime()).toBeGreaterThanOrEqual(0);
        expect(awake.getTime() - at.getTime()).toBeLessThanOrEqual(hours(13));
        expect(wakingTime(awake, zone)).toEqual(awake);
        expect(dayIn(at, zone).nextMorning > at).toBe(true);
      }),
    );
  });
});

/** What people do while the timers run; `none` lets the next timer ring. */
const acts = ['none', 'none', 'none', 'answer', 'back', 'pause', 'resume', 'expire', 'fact', 'again'] as const;

function commandFor(
  state: OrderState,
  act: (typeof acts)[number],
): { command: OrderCommand; actor: typeof doer } | undefined {
  const stage = state.stage ?? '';
  const is = state.stages.find(({ key }) => key === stage);
  const declared = workflowFor(state.product).stages.find(({ key }) => key === stage);
  if (!is || !declared) return undefined;
  const { round, hash = '', approval = 'a' } = is;
  switch (act) {
    case 'answer':
      return waysThrough(state, stage).at(is.status === 'in_review' ? -1 : -2) ?? waysThrough(state, stage).at(-1);
    case 'back':
      return { command: { type: 'send-back', stage, to: declared.backTo[0] ?? stage }, actor: doer };
    case 'pause':
      return { command: { type: 'pause' }, actor: doer };
    case 'resume':
      return { command: { type: 'resume' }, actor: doer };
    case 'expire':
      return { command: { type: 'expire-approval', stage, round }, actor: orderworks };
    case 'fact':
      return { command: { type: 'decide-approval', stage, round, approval, hash, decision: 'changes' }, actor: client };
    case 'again':
      return is.gate === 'form'
        ? { command: { type: 'review-form', stage, decision: 'revise' }, actor: doer }
        : { command: { type: 'complete-stage', stage, data: exampleOf(declared) }, actor: doer };
    default:
      return undefined;
  }
}

describe('whatever happens', () => {
  test('there is at most one reminder for each rung and round, none after a stop, and none by night', () => {
    const walked = fc.array(fc.record({ act: fc.constantFrom(...acts), pause: fc.nat(60) }), {
      minLength: 5,
      maxLength: 40,
    });
    const products = ['seo', 'google_ads', 'site', 'content', 'gbp'];
    let sent = 0;
    fc.assert(
      fc.property(fc.constantFrom(...products), fc.constantFrom(...zones), walked, (product, zone, steps) => {
        let state = anOrder(product, { tier: 'premium' });
        let now = start;
        const rungs: string[] = [];
        const outbox: { tell: Tell; at: Date }[] = [];
        for (const { act, pause } of steps) {
          const timer = nextTimer(state);
          const asked = commandFor(state, act);
          now =
            asked || !timer
              ? new Date(now.getTime() + hours(pause))
              : new Date(Math.max(now.getTime(), timer.at.getTime()));
          const command = asked?.command ?? (timer ? commandOf(timer) : undefined);
          if (!command || isClosed(state)) continue;
          refusalOf(() => {
            const change = run(state, command, asking(asked?.actor ?? orderworks, 'Because.', now));
            state = change.state;
            for (const tell of tellsOf(change.effects)) {
              if (tell.about === undefined) continue;
              rungs.push(`${tell.stage} ${tell.round} ${tell.about} ${tell.rung}`);
              outbox.push({ tell, at: wakingTime(now, zone) });
            }
          });
          for (const { tell } of outbox
            .splice(0)
            .filter(({ at }) => at <= now || at.getTime() - now.getTime() < hours(13))) {
            const about = { stage: tell.stage, round: tell.round, about: tell.about ?? '' };
            if (!isStillWaitedFor(state, about)) continue;
            sent += 1;
            const is = stateOf(state, tell.stage);
            expect([is.status, is.waitingFor, is.round, state.status === 'paused']).toEqual([
              'waiting',
              tell.about,
              tell.round,
              false,
            ]);
          }
        }
        expect(new Set(rungs).size).toBe(rungs.length);
      }),
      tries(150),
    );
    expect(sent).toBeGreaterThan(isMutating ? 0 : 100);
  });

  test('a stop is a stop: an answer, the ball elsewhere, a pause, an end and a new round', () => {
    const order = anOrder('seo');
    const about = { stage: 'intake', round: 1, about: 'form' };
    expect(isStillWaitedFor(order, about)).toBe(true);
    const [, submit] = waysThrough(order, 'intake');
    const ends: [OrderCommand, typeof doer][] = [
      [submit!.command, client],
      [{ type: 'pause' }, doer],
      [{ type: 'cancel' }, doer],
      [{ type: 'record-fact', fact: 'subscription.active', holds: false, seq: 1 }, orderworks],
    ];
    for (const [command, actor] of ends) {
      const { state } = given(order).when(command, actor, 'Because.');
      expect(isStillWaitedFor(state, about), command.type).toBe(false);
      expect(state.timers?.['reminder-intake']?.at === undefined || state.status === 'paused', command.type).toBe(true);
    }
    expect(isStillWaitedFor(order, { ...about, round: 2 })).toBe(false);
  });
});
