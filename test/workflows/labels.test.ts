/** Tags, notes, priority and due day; and putting back what a change wrote over. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../workflows/engine/restored.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { type OrderCommand, orderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  anOrder,
  asking,
  aWork,
  given,
  leaving,
  minutesLater,
  orderworks,
  walk,
  waysThrough,
} from '../support/given.ts';

const order = anOrder('seo');

describe('labels', () => {
  test('a tag is added once and removed once', () => {
    const tagged = given(order)
      .when({ type: 'tag-order', add: ['vip', 'rush'], remove: [] })
      .happened({ type: 'order-tagged', added: 2, removed: 0 });
    expect(tagged.state.tags).toEqual(['vip', 'rush']);
    given(tagged.state).refuses({ type: 'tag-order', add: ['vip'], remove: [] }, 'nothing_changed');
    const fewer = given(tagged.state).when({ type: 'tag-order', add: ['vip'], remove: ['rush'] });
    expect(fewer.state.tags).toEqual(['vip']);
  });

  test('an order carries at most fifty tags', () => {
    const full = { ...order, tags: Array.from({ length: 50 }, (_, n) => `tag ${n}`) };
    given(full).refuses({ type: 'tag-order', add: ['one more'], remove: [] }, 'invalid_request');
    given(full).when({ type: 'tag-order', add: ['one more'], remove: ['tag 7'] });
  });

  test('a tag keeps its words out of the history, put on, taken off or put back', () => {
    const { state, events } = run(order, { type: 'tag-order', add: ['for cleo'], remove: [] }, asking(admin));
    expect(events).toContainEqual({ type: 'order-tagged', added: 1, removed: 0 });
    const off = run(state, { type: 'tag-order', add: [], remove: ['for cleo'] }, asking(admin));
    const back = run(off.state, undoOf(state, off.state), asking(admin, 'a mistake'));
    expect(back.state.tags).toEqual(['for cleo']);
    expect(JSON.stringify([events, off.events, back.events])).not.toContain('cleo');
  });

  test('a note keeps its words out of the history', () => {
    const noted = run(order, { type: 'note-order', text: 'Cleo is on holiday.' }, asking(admin));
    expect(noted.state.notes).toMatchObject([{ text: 'Cleo is on holiday.', by: 'admin' }]);
    expect(JSON.stringify(noted.events)).not.toContain('Cleo');
  });

  test('a label that is put back asks nobody anything: the order stands where it stood', () => {
    const { state } = run(order, { type: 'set-priority', priority: 'high' }, asking(admin));
    expect(run(state, undoOf(order, state), asking(admin, 'a mistake')).effects).toEqual([]);
  });

  test('a priority that is so already is refused', () => {
    given(order).refuses({ type: 'set-priority', priority: 'normal' }, 'nothing_changed');
    expect(given(order).when({ type: 'set-priority', priority: 'urgent' }).state.priority).toBe('urgent');
  });

  test('a due day is set and taken away', () => {
    const due = given(order).when({ type: 'set-due-date', dueOn: '2026-05-01' });
    expect(due.state.dueOn).toBe('2026-05-01');
    expect(given(due.state).when({ type: 'set-due-date', dueOn: null }).state).not.toHaveProperty('dueOn');
  });

  test('a paused order takes labels, a closed one takes none', () => {
    const paused = given(order).when({ type: 'pause' }, admin, 'holiday').state;
    given(paused).when({ type: 'set-priority', priority: 'low' });
    const cancelled = given(order).when({ type: 'cancel' }, admin, 'gone').state;
    given(cancelled).refuses({ type: 'set-priority', priority: 'low' }, 'order_closed');
  });

  test('a tag of anything but words is refused at the door', () => {
    for (const tag of ['', '=cmd()', 'x'.repeat(41)]) {
      expect(orderCommand.safeParse({ type: 'tag-order', add: [tag] }).success, tag).toBe(false);
    }
  });
});

/** What an operation would put back after `command`. */
function undoOf(before: OrderState, after: OrderState): OrderCommand {
  return { type: 'restore-values', operation: 'blk_1', fields: changesOf(before, after) };
}

const undone = (before: OrderState, command: OrderCommand, later = (state: OrderState) => state) => {
  const after = run(before, command, asking(admin, 'because')).state;
  return run(later(after), undoOf(before, after), asking(admin, 'a mistake', minutesLater(60))).state;
};

/** What is never put back, and the clocks; what waited while nothing moved waits for as long as it had to. */
const never = [
  'lastActivityAt',
  'continuedAt',
  'ledger',
  'timers',
  'holderSince',
  'slaDueAt',
  'overrides',
  'milestones',
];

function comparable(state: OrderState): object {
  const fields = Object.entries(state).filter(([name]) => !never.includes(name));
  const stages = state.stages.map(({ clock: _, since: __, ...stage }) => stage);
  return { ...Object.fromEntries(fields), stages };
}

describe('an undo', () => {
  const commands: OrderCommand[] = [
    { type: 'set-priority', priority: 'high' },
    { type: 'set-due-date', dueOn: '2026-05-01' },
    { type: 'tag-order', add: ['vip'], remove: [] },
    { type: 'note-order', text: 'Call first.' },
    { type: 'assign', manager: 'ann', specialists: [{ staff: 'bob' }] },
    { type: 'pause' },
    { type: 'cancel' },
    { type: 'clear' },
  ];

  test.each(commands)('of $type puts the order back as it was', (command) => {
    expect(comparable(undone(order, command))).toEqual(comparable(order));
  });

  test('of a completed stage puts every stage back', () => {
    fc.assert(
      fc.property(fc.constantFrom('seo', 'google_ads', 'site'), fc.nat(12), (product, steps) => {
        let before = anOrder(product);
        for (let n = 0; n < steps && before.stage !== undefined; n += 1) before = leaving(before, before.stage);
        const open = before.stages.find(({ status, gate }) => status === 'ready' && gate === 'work');
        if (!open) return;
        const [way] = waysThrough(before, open.key);
        const command = way!.command;
        expect(comparable(undone(before, command))).toEqual(comparable(before));
      }),
    );
  });

  test('leaves alone what somebody else has written since', () => {
    const after = given(order).when({ type: 'set-priority', priority: 'high' }).state;
    const since = given(after).when({ type: 'set-priority', priority: 'low' }).state;
    const refusal = given(since).refuses(undoOf(order, after), 'value_moved');
    expect(refusal.message).toContain('priority');
  });

  test('minds only what was written: a note since does not keep a priority from going back', () => {
    const noted = (state: OrderState) => run(state, { type: 'note-order', text: 'Seen.' }, asking(admin)).state;
    const state = undone(order, { type: 'set-priority', priority: 'high' }, noted);
    expect(state.priority).toBeUndefined();
    expect(state.notes).toHaveLength(1);
  });

  test('does not turn a timer back: its number goes on', () => {
    const before = walk(anOrder('google_ads'), 'client_approval');
    const state = undone(before, { type: 'pause' });
    const seqOf = ({ timers = {} }: OrderState) => timers['expiry-client_approval']?.seq ?? 0;
    expect(seqOf(state)).toBeGreaterThan(seqOf(before));
  });

  test.each<OrderCommand>([{ type: 'pause' }, { type: 'cancel' }])(
    'of $type gives what waits as long as it had, however long ago the last pause was',
    (command) => {
      const shown = walk(anOrder('google_ads'), 'client_approval');
      const asked = { type: 'record-approval', stage: 'client_approval', round: 1, approval: 'a1' } as const;
      const waiting = run(shown, asked, asking(orderworks)).state;
      const paused = run(waiting, { type: 'pause' }, asking(admin, 'because', minutesLater(-100_000))).state;
      const before = run(paused, { type: 'resume' }, asking(admin, 'because')).state;
      const sinceOf = ({ stages }: OrderState) => stages.find(({ key }) => key === 'client_approval')?.since?.getTime();
      expect(sinceOf(undone(before, command))).toBe((sinceOf(before) ?? 0) + 60 * 60_000);
    },
  );

  test('of a stage is possible although what it opened was mailed and reminded of since', () => {
    const before = walk(anOrder('google_ads'), 'campaign_plan');
    const [way] = waysThrough(before, 'campaign_plan');
    const at = { stage: 'client_approval', round: 1 } as const;
    const mailed = (state: OrderState) =>
      run(state, { type: 'record-approval', ...at, approval: 'appr-1' }, asking(orderworks)).state;
    expect(comparable(undone(before, way!.command, mailed))).toEqual(comparable(before));
  });

  test('of a pause does not let an order run whose subscription has ended meanwhile', () => {
    const after = given(order).when({ type: 'pause' }, admin, 'holiday').state;
    const ended = { type: 'record-fact', fact: 'subscription.active', holds: false, seq: 1 } as const;
    given(given(after).when(ended, orderworks).state).refuses(undoOf(order, after), 'subscription_inactive');
  });

  test('of a cancellation asks the account what has changed meanwhile, and looks again where nobody listened', () => {
    const before = walk(anOrder('content'), 'live');
    const after = given(before).when({ type: 'cancel' }, admin, 'gone').state;
    const { effects, state } = run(after, undoOf(before, after), asking(admin, 'a mistake'));
    expect(effects).toContainEqual({ type: 'recheck' });
    expect(effects).toContainEqual({ type: 'check', stage: 'live', round: 1, attempt: 2 });
    expect(stateOf(state, 'live').check).toMatchObject({ attempt: 2, isUnderway: true });
  });

  test.each<OrderCommand>([{ type: 'cancel' }, { type: 'override-stage', stage: 'submitted', action: 'move' }])(
    'of $type lets a person find out what a vendor has answered meanwhile, and hears it if it still answers',
    (command) => {
      const before = walk(anOrder('listings'), 'action_needed');
      const then = undone(before, command);
      expect(stateOf(then, 'action_needed')).toMatchObject({
        status: 'failed',
        waitingFor: 'outcome-unknown',
        round: 1,
      });
      expect(alarmsOf(workflowFor('listings'), then)).toContainEqual(
        expect.objectContaining({ kind: 'outcome-unknown' }),
      );
      const answer = { type: 'record-answer', stage: 'action_needed', round: 1, dispatch: 'd', data: {} } as const;
      given(then)
        .when({ ...answer, outcome: 'failed' }, orderworks)
        .happened({ type: 'check-failed', stage: 'action_needed', round: 1, rules: ['vendor_failed'] });
      const resolve = { type: 'resolve-outcome', stage: 'action_needed', outcome: 'not_done', data: {} } as const;
      given(then)
        .when(resolve, admin, 'They never began.')
        .asksFor({ type: 'dispatch', stage: 'action_needed', round: 2, asked: aWork });
    },
  );

  test('of a cancellation does not forget the doubt about what is blocked besides', () => {
    const asked = walk(anOrder('listings'), 'action_needed');
    const was = { status: 'waiting', holder: 'third_party', waitingFor: 'answer' } as const;
    const blocked = { status: 'waiting', waitingFor: 'fact' } as const;
    const stages = asked.stages.map((is) =>
      is.key === 'action_needed' ? { ...is, ...blocked, blocked: { facts: ['a.fact'], was } } : is,
    );
    const state = undone({ ...asked, stages }, { type: 'cancel' });
    expect(stateOf(state, 'action_needed')).toMatchObject({ status: 'failed', waitingFor: 'outcome-unknown' });
  });

  test('of a cancellation mails the link that was not made before it', () => {
    const after = given(order).when({ type: 'cancel' }, admin, 'gone').state;
    const { effects, state } = run(after, undoOf(order, after), asking(admin, 'a mistake'));
    expect(effects).toContainEqual(expect.objectContaining({ type: 'issue-link', stage: 'intake', round: 1 }));
    const sent = given(state).when(
      { type: 'record-link', stage: 'intake', round: 1, link: 'link-1' },
      orderworks,
    ).state;
    const again = given(sent).when({ type: 'cancel' }, admin, 'gone').state;
    expect(run(again, undoOf(sent, again), asking(admin, 'a mistake')).effects.map(({ type }) => type)).not.toContain(
      'issue-link',
    );
  });

  test('of a cancellation asks for the approval that was not asked for before it', () => {
    const stage = 'client_approval';
    const before = walk(anOrder('google_ads'), stage);
    const after = given(before).when({ type: 'cancel' }, admin, 'gone').state;
    const { effects, state } = run(after, undoOf(before, after), asking(admin, 'a mistake'));
    const { hash } = stateOf(before, stage);
    expect(effects).toContainEqual(expect.objectContaining({ type: 'request-approval', stage, round: 2, hash }));
    const asked = given(state).when({ type: 'record-approval', stage, round: 2, approval: 'a2' }, orderworks).state;
    const again = given(asked).when({ type: 'cancel' }, admin, 'gone').state;
    const kept = run(again, undoOf(asked, again), asking(admin, 'a mistake'));
    expect(kept.effects.map(({ type }) => type)).not.toContain('request-approval');
    expect(stateOf(kept.state, stage)).toMatchObject({ round: 2, approval: 'a2' });
  });

  test('of a cancellation looks again at what is done and was being looked at', () => {
    const due = { type: 'recheck-stage', stage: 'link_verified', round: 1 } as const;
    const before = given(walk(anOrder('backlinks'))).when(due, orderworks).state;
    const after = given(before).when({ type: 'cancel' }, admin, 'gone').state;
    const { effects } = run(after, undoOf(before, after), asking(admin, 'a mistake'));
    expect(effects).toContainEqual({ type: 'check', stage: 'link_verified', round: 1, attempt: 3 });
  });

  test('of a pause runs the checks that were due meanwhile', () => {
    const before = walk(anOrder('listings'), 'live');
    const after = given(before).when({ type: 'pause' }, admin, 'holiday').state;
    const { effects } = run(after, undoOf(before, after), asking(admin, 'a mistake'));
    const command = { type: 'run-check', stage: 'live', round: 1 };
    expect(effects).toContainEqual({ type: 'command', command });
  });

  test('leaves no word of a person in the history', () => {
    const noted = run(order, { type: 'note-order', text: 'Cleo is on holiday.' }, asking(admin)).state;
    const more = run(noted, { type: 'note-order', text: 'Back.' }, asking(admin)).state;
    const { events } = run(more, undoOf(noted, more), asking(admin, 'a mistake'));
    expect(JSON.stringify(events)).not.toContain('Cleo');
  });
});
