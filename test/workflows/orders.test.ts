/** The order as a whole: creating it, pausing and ending it, how far along it is and why it stands where it stands. */
import { describe, expect, test } from 'vitest';
import { run } from '../../workflows/engine/run.ts';
import { catalogue } from '../../workflows/index.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { progressOf } from '../../workflows/telling/progress.ts';
import { orderCommand } from '../../workflows/words/commands.ts';
import { fieldErrors } from '../../workflows/words/field-errors.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import {
  admin,
  anOrder,
  asking,
  client,
  created,
  doer,
  given,
  isInward,
  minutesLater,
  orderworks,
  refusalOf,
  start,
  walk,
  waysThrough,
} from '../support/given.ts';

const order = {
  title: 'An order',
  client: { name: 'Cleo', email: 'cleo@example.com' },
  source: 'manual',
  options: {},
} as const;
const create =
  (product: string, tier: string, options = {}) =>
  () =>
    run(undefined, { type: 'create-order', product, tier, ...order, options }, asking(admin));

describe('creating an order', () => {
  test('refuses a product that is not sold, and names those that are', () => {
    const refusal = refusalOf(create('print_ads', 'basic'));
    expect(refusal?.code).toBe('unknown_product');
    expect(refusal?.errors[0]).toMatchObject({ pointer: '/product', rule: 'not_offered' });
    expect(refusal?.errors[0]?.message).toContain('google_ads');
  });

  test('is not fooled by the names that every object has', () => {
    expect(refusalOf(create('constructor', 'basic'))?.code).toBe('unknown_product');
    expect(refusalOf(create('__proto__', 'basic'))?.code).toBe('unknown_product');
  });

  test('refuses a tier that is not sold, and names those that are', () => {
    const refusal = refusalOf(create('seo', 'gold'));
    expect(refusal?.code).toBe('unknown_tier');
    expect(refusal?.errors[0]?.message).toBe('Use one of basic, standard, premium.');
  });

  test('refuses an option that the product does not have', () => {
    expect(refusalOf(create('seo', 'basic', { colour: 'red' }))?.errors[0]).toMatchObject({
      pointer: '/options/colour',
      rule: 'unknown_field',
    });
  });

  test('keeps names and addresses out of its event', () => {
    const { events } = created('seo');
    expect(JSON.stringify(events)).not.toMatch(/cleo|riverside/i);
  });

  test('begins the first stage in the same change', () => {
    expect(created('listings').state).toMatchObject({
      status: 'setup',
      onboarding: 'not_required',
      holder: 'fulfillment',
    });
  });

  test('switches on at once what needs no set-up', () => {
    const { state, effects } = created('software');
    expect(state.status).toBe('created');
    expect(effects.filter((effect) => !isInward(effect))).toEqual([
      { type: 'command', command: { type: 'run-check', stage: 'live', round: 1 } },
    ]);
    expect(given(state).when({ type: 'run-check', stage: 'live', round: 1 }, orderworks).state.status).toBe('live');
  });
});

describe('a command', () => {
  const errorsOf = (body: unknown) => fieldErrors(orderCommand.safeParse(body).error!);

  test('that is not known is refused with those that are', () => {
    const [error] = errorsOf({ type: 'explode' });
    expect(error).toMatchObject({ pointer: '/type', rule: 'not_offered' });
    expect(error?.message).toContain('complete-stage');
  });

  test('with unknown fields names each of them', () => {
    const body = JSON.parse('{"type":"pause","$set":{"a":1},"version":2,"__proto__":{}}');
    expect(
      errorsOf(body)
        .map(({ pointer, rule }) => `${pointer} ${rule}`)
        .sort(),
    ).toEqual(['/$set unknown_field', '/__proto__ unknown_field', '/version unknown_field']);
  });

  test('with a missing field names it', () => {
    expect(errorsOf({ type: 'begin-stage' })).toEqual([
      { pointer: '/stage', rule: 'required', message: 'Enter a value of type string.' },
    ]);
  });

  test('for a stage that the workflow lacks is refused with those it has', () => {
    const refusal = given(anOrder('seo')).refuses({ type: 'begin-stage', stage: 'paint' }, 'unknown_stage');
    expect(refusal.errors[0]?.message).toContain('keyword_plan');
  });
});

describe('a paused order', () => {
  const paused = given(anOrder('listings')).when({ type: 'pause' }, doer, 'The client moves house.').state;

  test('holds everything up but what ends the pause', () => {
    const data = {};
    given(paused).refuses({ type: 'complete-stage', stage: 'nap_confirmed', data }, 'order_paused');
    given(paused).refuses({ type: 'pause' }, 'order_paused', { reason: 'Again.' });
    expect(given(paused).when({ type: 'resume' }).state.status).toBe('setup');
  });

  test('can be cancelled, which ends the pause as well', () => {
    given(paused).refuses({ type: 'cancel' }, 'reason_required');
    const then = given(paused)
      .when({ type: 'cancel' }, doer, 'They sell the shop.')
      .happened({ type: 'order-cancelled' });
    expect(then.effects).toMatchObject([{ type: 'notify', template: 'order-cancelled' }]);
    expect(then.state).toMatchObject({ status: 'cancelled', closedAt: start });
    given(then.state).refuses({ type: 'resume' }, 'order_closed');
  });

  test('that its subscription paused can be cancelled too', () => {
    const lost = { type: 'record-fact', fact: 'subscription.active', holds: false, seq: 1 } as const;
    const held = given(anOrder('listings')).when(lost, orderworks).state;
    expect(held.status).toBe('paused');
    expect(given(held).when({ type: 'cancel' }, doer, 'Not paid.').state.status).toBe('cancelled');
  });

  test('takes in what the client sends, and goes on with it when it is resumed', () => {
    const waiting = walk(anOrder('google_ads'), 'client_approval');
    const held = given(waiting).when({ type: 'pause' }, doer, 'Holiday.').state;
    const stage = held.stages.find(({ key }) => key === 'client_approval')!;
    const decision = {
      type: 'decide-approval',
      stage: stage.key,
      round: 1,
      approval: 'a',
      hash: stage.hash!,
      decision: 'approve',
    } as const;
    const approved = given(held).when(decision, client).state;
    expect(approved.stages.find(({ key }) => key === 'build')?.status).toBe('locked');
    const resumed = given(approved).when({ type: 'resume' }).state;
    expect(resumed.stages.find(({ key }) => key === 'build')?.status).toBe('ready');
  });

  test('asks for its check again when it is resumed', () => {
    const held = given(created('software').state).when({ type: 'pause' }, doer, 'Wait.').state;
    given(held).refuses({ type: 'run-check', stage: 'live', round: 1 }, 'superseded', { actor: orderworks });
    given(held)
      .when({ type: 'resume' })
      .asksFor({ type: 'command', command: { type: 'run-check', stage: 'live', round: 1 } });
  });
});

describe('the letters about the order as a whole', () => {
  const dee = { name: 'Dee', email: 'dee@example.com' };
  const moved = (order: OrderState) => given(order).when({ type: 'update-order', client: dee }, admin).state;
  const letter = { recipient: dee, data: { client: 'Dee', product: 'Google Ads', order: 'google_ads for Riverside' } };

  test('go to whoever is the client by then, not to who approves: when it is live', () => {
    const order = moved(walk(anOrder('google_ads'), 'live'));
    const { command, actor } = waysThrough(order, 'live').at(-1)!;
    const { effects } = given(order).when(command, actor);
    expect(effects).toEqual([{ type: 'notify', template: 'setup-complete', ...letter }]);
  });

  test('go to whoever is the client by then, not to who approves: when it is cancelled', () => {
    given(moved(walk(anOrder('google_ads'), 'qa')))
      .when({ type: 'cancel' }, doer, 'Ordered twice.')
      .happened({ type: 'order-cancelled' })
      .asksFor({ type: 'notify', template: 'order-cancelled', ...letter });
  });
});

describe('a closed order', () => {
  test('stays as it is', () => {
    const cancelled = given(anOrder('seo'))
      .when({ type: 'cancel' }, doer, 'Ordered twice.')
      .asksFor({
        type: 'notify',
        template: 'order-cancelled',
        recipient: { name: 'Cleo', email: 'cleo@example.com' },
        data: { client: 'Cleo', product: 'SEO', order: 'seo for Riverside' },
      }).state;
    given(cancelled).refuses({ type: 'begin-stage', stage: 'intake' }, 'order_closed');
    given(cancelled).refuses({ type: 'resume' }, 'order_closed');
    given(cancelled).refuses({ type: 'record-link', stage: 'intake', round: 1, link: 'l' }, 'superseded', {
      actor: orderworks,
    });
  });

  test('can be cleared, once', () => {
    const cleared = given(walk(anOrder('software'))).when({ type: 'clear' }, admin, 'A test.').state;
    expect(cleared).toMatchObject({ status: 'cancelled', clearedAt: start });
    given(cleared).refuses({ type: 'clear' }, 'order_closed', { actor: admin, reason: 'Again.' });
  });

  test('was live before it is completed', () => {
    given(anOrder('seo')).refuses({ type: 'complete-order' }, 'order_not_live');
    expect(given(walk(anOrder('seo'))).when({ type: 'complete-order' }).state.status).toBe('completed');
  });
});

describe('progress', () => {
  const state = walk(anOrder('google_ads'), 'build');

  test('counts the stages that are over', () => {
    expect(progressOf(state, 'summary')).toMatchObject({ done: 5, total: 9, percent: 55, stage: 'build' });
    expect(progressOf(state, 'summary').stages).toBeUndefined();
  });

  test('shows data only in full', () => {
    expect(progressOf(state, 'stages').stages?.some(({ data }) => data)).toBe(false);
    expect(progressOf(state, 'full').stages?.[0]?.data).toMatchObject({ google_ads_customer_id: '1234567890' });
  });
});

describe('why an order stands still', () => {
  test('is said with who has the ball, since when and what would help', () => {
    expect(explain(anOrder('seo'), minutesLater(60))).toEqual({
      stage: 'intake',
      blocker: 'The client has not sent the form "Tell us about your site" yet.',
      holder: 'client',
      since: start,
      tried: [],
      next: {
        what: 'The client is reminded of "Tell us about your site".',
        at: new Date('2026-03-02T22:00:00Z'),
      },
      unblock: 'The client opens the emailed link and fills in the form.',
    });
  });
});

test('the catalogue tells what is managed and what begins with a form', () => {
  const rows = catalogue().map(({ product, managed, onboarding }) => ({ product, managed, onboarding }));
  expect(rows).toContainEqual({ product: 'seo', managed: true, onboarding: true });
  expect(rows).toContainEqual({ product: 'listings', managed: false, onboarding: false });
  expect(rows).toContainEqual({ product: 'phone_number', managed: false, onboarding: false });
});
