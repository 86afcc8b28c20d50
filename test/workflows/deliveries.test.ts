/** What is said to have been sent, went out: what became of each mail comes back to the stage that asked for it. */
import { describe, expect, test } from 'vitest';
import { days, hours, after as later } from '../../kernel/time.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { Command } from '../../workflows/words/commands.ts';
import { type MailOutcome, mailOutcomes } from '../../workflows/words/delivery.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, asking, given, orderworks, refusalOf, start, walk } from '../support/given.ts';
import { commandOf, nextTimer } from '../support/silence.ts';

const now = later(start, hours(1));
const said = '550 5.1.1 ann@client.example: no such user';

function heard(order: OrderState, more: Partial<Command<'record-delivery'>> = {}): OrderState {
  const stage = more.stage ?? 'intake';
  const { round } = stateOf(order, stage);
  const command = { stage, round, mail: 'mail-1', seq: 1, outcome: 'delivered', ...more } as const;
  return given(order).when({ type: 'record-delivery', ...command }, orderworks).state;
}

/** An order whose client is asked for a form, by a link that is recorded. */
const linked = (): OrderState =>
  given(anOrder('seo')).when({ type: 'record-link', stage: 'intake', round: 1, link: 'link-1' }, orderworks).state;

const refused = (): OrderState => heard(linked(), { outcome: 'refused', said });

/** The order after its next reminder became due. */
function reminded(order: OrderState): OrderState {
  const timer = nextTimer(order);
  if (!timer) throw new Error('Nothing rings.');
  return run(order, commandOf(timer), asking(orderworks, undefined, timer.at)).state;
}

describe('an order says', () => {
  test('that its link was sent once the mail went out, and never before', () => {
    const sent = 'The link was sent to the client.';
    expect(explain(linked(), now).tried).not.toContain(sent);
    for (const outcome of mailOutcomes) {
      expect(explain(heard(linked(), { outcome }), now).tried.includes(sent)).toBe(outcome === 'delivered');
    }
  });

  test('that its client was reminded as often as a reminder went out', () => {
    const twice = [0, 1].reduce((order) => reminded(order), linked());
    const words = () => explain(once, later(start, days(9))).tried.join(' ');
    let once = twice;
    expect(words()).not.toContain('was reminded');
    once = heard(twice, { about: 'form', rung: 0, mail: 'r0' });
    expect(words()).toContain('The client was reminded once, last on');
    once = heard(once, { about: 'form', rung: 1, mail: 'r1', outcome: 'held' });
    expect(words()).toContain('The client was reminded once, last on');
  });

  test('that its form was sent only while nobody knows better', () => {
    expect(linked().onboarding).toBe('sent');
    expect(refused().onboarding).toBe('pending');
  });

  test('nothing of a rung that a later one stood for', () => {
    const timer = nextTimer(linked());
    const late = run(linked(), commandOf(timer!), asking(orderworks, undefined, later(start, days(5)))).state;
    expect(stateOf(late, 'intake').reminders?.length).toBeGreaterThan(1);
    const { rung } = stateOf(late, 'intake').reminders!.at(-1)!;
    expect(explain(heard(late, { about: 'form', rung }), now).tried.join(' ')).toContain('was reminded once');
  });
});

describe.each<MailOutcome>(['refused', 'failed'])('a mail that was %s', (outcome) => {
  const order = () => heard(linked(), { outcome, said });

  test('is what blocks the order, with the words of the server for staff and none for the client', () => {
    const why = explain(order(), now);
    expect(why).toMatchObject({ stage: 'intake', holder: 'agency', blocker: expect.stringContaining(said) });
    const told = explain(order(), now, { reader: 'client' });
    expect(told.blocker).toBe('Our email about “Tell us about your site” did not reach you.');
    expect(JSON.stringify(told)).not.toContain('550');
  });

  test('raises an alert at once, which ends when it is sent again', () => {
    const { state, effects } = run(
      linked(),
      { type: 'record-delivery', stage: 'intake', round: 1, mail: 'm', seq: 1, outcome, said },
      asking(orderworks),
    );
    expect(effects).toContainEqual({ type: 'alert', kind: 'mail-undelivered', stage: 'intake' });
    const alarms = alarmsOf(workflowFor('seo'), state);
    expect(alarms.map(({ kind }) => kind)).toContain('mail-undelivered');
    expect(JSON.stringify(alarms)).not.toContain('@');
    const again = run(state, { type: 'issue-link', stage: 'intake' }, asking(admin));
    expect(again.effects).toContainEqual({ type: 'alert', kind: 'mail-undelivered', stage: 'intake' });
    expect(alarmsOf(workflowFor('seo'), again.state).map(({ kind }) => kind)).not.toContain('mail-undelivered');
  });

  test('stops the reminders, which begin anew when it is sent again', () => {
    expect(order().timers?.['reminder-intake']?.at).toBeUndefined();
    const at = later(start, days(20));
    const again = run(order(), { type: 'issue-link', stage: 'intake' }, asking(admin, undefined, at)).state;
    expect(again.timers?.['reminder-intake']?.at?.getTime()).toBeGreaterThan(at.getTime());
  });

  test('stops them when it was a reminder as well', () => {
    const once = reminded(linked());
    const { rung } = stateOf(once, 'intake').reminders![0]!;
    expect(heard(once, { about: 'form', rung, outcome }).timers?.['reminder-intake']?.at).toBeUndefined();
  });
});

describe('what becomes of a mail', () => {
  test('is taken once, and an older word never overrules a newer one', () => {
    const bounced = heard(heard(linked()), { outcome: 'refused', seq: 2 });
    const first = { type: 'record-delivery', stage: 'intake', round: 1, mail: 'mail-1', seq: 1 } as const;
    expect(refusalOf(() => run(bounced, { ...first, outcome: 'delivered' }, asking(orderworks)))?.code).toBe(
      'superseded',
    );
    const same = { ...first, seq: 3, outcome: 'refused' } as const;
    expect(refusalOf(() => run(bounced, same, asking(orderworks)))?.code).toBe('superseded');
  });

  test('says nothing to another round, nor to a stage that is over', () => {
    const late = { type: 'record-delivery', stage: 'intake', round: 1, mail: 'm', seq: 1, outcome: 'refused' } as const;
    const done = walk(anOrder('seo'), 'access_granted');
    expect(refusalOf(() => run(done, late, asking(orderworks)))?.code).toBe('superseded');
    expect(refusalOf(() => run(linked(), { ...late, round: 2 }, asking(orderworks)))?.code).toBe('superseded');
  });

  test('comes in while the order is paused, and from the system alone', () => {
    const paused = given(linked()).when({ type: 'pause' }, admin, 'holiday').state;
    expect(stateOf(heard(paused, { outcome: 'refused' }), 'intake').delivery?.outcome).toBe('refused');
  });

  test('where an access is asked for is forgotten when the client’s address is corrected', () => {
    const asked = reminded(walk(anOrder('seo'), 'access_granted'));
    const { about, rung } = stateOf(asked, 'access_granted').reminders![0]!;
    const lost = heard(asked, { stage: 'access_granted', about, rung, outcome: 'refused' });
    expect(alarmsOf(workflowFor('seo'), lost).map(({ kind }) => kind)).toContain('mail-undelivered');
    const client = { name: 'Ann', email: 'ann@right.example' };
    const mended = given(lost).when({ type: 'update-order', client }, admin).state;
    expect(alarmsOf(workflowFor('seo'), mended).map(({ kind }) => kind)).not.toContain('mail-undelivered');
    expect(mended.timers?.['reminder-access_granted']?.at).toBeDefined();
  });
});
