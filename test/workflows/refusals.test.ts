/** What no other file asks in vain: each command where it cannot be, with its code, and what just may be. */
import { describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { namedIn } from '../../workflows/rules/assignment.ts';
import { doubtOf, requireDoubt } from '../../workflows/rules/doubt.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { admin, anOrder, client, created, doer, given, orderworks, refusalOf, start, walk } from '../support/given.ts';

const so = { actor: admin, reason: 'So.' };
const linked = (order: OrderState) =>
  given(order).when({ type: 'record-link', stage: 'intake', round: 1, link: 'link-1' }, orderworks).state;

describe('a new link', () => {
  const dee = { name: 'Dee', email: 'dee@example.com' };

  test('is made once the last one is known, and until the form is in', () => {
    const order = anOrder('google_ads');
    given(order).refuses({ type: 'issue-link', stage: 'intake' }, 'request_underway');
    given(linked(order))
      .when({ type: 'issue-link', stage: 'intake', recipient: dee, tracking: { utm_source: 'store' } })
      .happened({ type: 'link-requested', stage: 'intake', round: 1 }, { type: 'onboarding-changed', to: 'pending' })
      .asksFor({
        ...{ type: 'issue-link', stage: 'intake', round: 1, form: 'intake', recipient: dee },
        tracking: { utm_source: 'store' },
      });
    const answers = exampleOf(workflowFor('google_ads').stages[0]!);
    const submission = { link: 'link-1', response: 'r', hash: 'h', answers };
    const submitted = given(linked(order)).when(
      { type: 'submit-form', stage: 'intake', round: 1, ...submission },
      client,
    );
    given(submitted.state).refuses({ type: 'issue-link', stage: 'intake' }, 'stage_finished');
    given(walk(order, 'build')).refuses({ type: 'issue-link', stage: 'build' }, 'wrong_gate');
  });
});

describe('an approval', () => {
  const stage = 'client_approval';
  const shown = walk(anOrder('google_ads'), stage);
  const { hash = '' } = stateOf(shown, stage);
  const asked = given(shown).when({ type: 'record-approval', stage, round: 1, approval: 'a1' }, orderworks).state;
  const hand = (round: number, approval: string) =>
    ({
      type: 'delegate-approval',
      stage,
      round,
      approval,
      recipient: { name: 'Dee', email: 'd@example.com' },
    }) as const;

  test('is asked for again once it has been asked for', () => {
    given(shown).refuses({ type: 'request-approval', stage }, 'request_underway');
    given(asked).refuses({ type: 'record-approval', stage, round: 1, approval: 'a1' }, 'superseded', {
      actor: orderworks,
    });
  });

  test('is handed on in its round, and while it is asked for', () => {
    given(asked).refuses(hand(2, 'a1'), 'approval_void', { actor: client });
    const expired = given(asked).when({ type: 'expire-approval', stage, round: 1 }, orderworks).state;
    given(expired).refuses(hand(1, 'a1'), 'approval_expired', { actor: client });
    given(expired).refuses({ type: 'expire-approval', stage, round: 1 }, 'superseded', { actor: orderworks });
  });

  test('is decided on the page that was asked for, for what it shows now', () => {
    const decide = { type: 'decide-approval', stage, round: 1, hash, decision: 'approve' } as const;
    given(asked).refuses({ ...decide, approval: 'a2' }, 'approval_void', { actor: client });
    const stages = asked.stages.map((is) => (is.key === 'campaign_plan' ? { ...is, data: { else: 1 } } : is));
    given({ ...asked, stages }).refuses({ ...decide, approval: 'a1' }, 'approval_void', { actor: client });
  });
});

describe('an override', () => {
  const order = walk(anOrder('listings'), 'submitted');
  const act = (stage: string, action: 'complete' | 'reopen' | 'skip' | 'move') =>
    ({ type: 'override-stage', stage, action }) as const;

  test.each([
    ['nap_confirmed', 'complete', 'stage_finished'],
    ['synced', 'complete', 'stage_not_ready'],
    ['submitted', 'reopen', 'stage_open'],
    ['submitted', 'move', 'stage_open'],
    ['synced', 'skip', 'stage_not_ready'],
    ['nap_confirmed', 'skip', 'stage_finished'],
  ] as const)('of %s by %s is %s', (stage, action, code) => {
    given(order).refuses(act(stage, action), code, so);
  });

  test('never skips the end', () => {
    given(walk(anOrder('listings'), 'live')).refuses(act('live', 'skip'), 'not_skippable', so);
    given(walk(anOrder('listings'), 'live')).refuses({ type: 'skip-stage', stage: 'live' }, 'not_skippable', so);
  });

  test('does not reach what the tier leaves out', () => {
    const basic = walk(anOrder('backlinks', { tier: 'basic' }), 'content_written');
    given(basic).refuses(act('client_approval', 'reopen'), 'stage_not_reachable', so);
    given(basic).refuses(act('client_approval', 'move'), 'stage_not_reachable', so);
    given(basic).refuses({ type: 'restart-stage', stage: 'client_approval' }, 'stage_not_ready', so);
  });

  test('says in the history what it was', () => {
    given(order)
      .when(act('submitted', 'skip'), admin, 'Done elsewhere.')
      .happened(
        { type: 'stage-skipped', stage: 'submitted', round: 1, why: 'override' },
        { type: 'stage-overridden', stage: 'submitted', action: 'skip' },
        expect.objectContaining({ type: 'stage-entered', stage: 'action_needed' }),
      );
    given(order)
      .when({ type: 'skip-stage', stage: 'submitted' }, admin, 'Done elsewhere.')
      .happened(
        { type: 'stage-skipped', stage: 'submitted', round: 1, why: 'skip' },
        expect.objectContaining({ type: 'stage-entered', stage: 'action_needed' }),
      );
    const completed = given(order).when(act('submitted', 'complete'), admin, 'Done elsewhere.').state;
    expect(stateOf(completed, 'submitted')).toMatchObject({ status: 'done', doer: admin.id, data: {} });
  });
});

describe('a stage', () => {
  test('goes back where its product says, and the refusal names where', () => {
    const order = walk(anOrder('site'), 'sitemap_approval');
    const back = (stage: string, to: string) => ({ type: 'send-back', stage, to }) as const;
    const far = given(order).refuses(back('sitemap_approval', 'build'), 'stage_not_reachable', so);
    const ways = 'It goes back to: sitemap_draft, intake.';
    expect(far.errors).toEqual([{ pointer: '/to', rule: 'not_declared', message: ways }]);
    expect(far.message).toContain(ways);
    given(order).refuses(back('sitemap_approval', 'nowhere'), 'unknown_stage', so);
    given(order).refuses(back('qa', 'build'), 'stage_not_ready', so);
    const none = given(walk(anOrder('gbp'), 'profile_optimised'));
    expect(none.refuses(back('profile_optimised', 'intake'), 'stage_not_reachable', so).message).toContain(
      'It does not go back.',
    );
  });

  test('whose check failed is not checked again by the same asking', () => {
    const order = walk(anOrder('listings'), 'live');
    const stages = order.stages.map((is) => (is.key === 'synced' ? { ...is, data: wrong } : is));
    const check = { type: 'run-check', stage: 'live', round: 1 } as const;
    const failed = given({ ...order, stages }).when(check, orderworks).state;
    given(failed).refuses(check, 'superseded', { actor: orderworks });
    given(walk(anOrder('google_ads'), 'live')).refuses(check, 'wrong_gate', { actor: orderworks });
  });

  test('that waits for an answer is done by it, and fails where it cannot be left with it', () => {
    const order = walk(anOrder('listings'), 'action_needed');
    const data = exampleOf(workflowFor('listings').stages.find(({ key }) => key === 'action_needed')!);
    const answer = { type: 'record-answer', stage: 'action_needed', round: 1, dispatch: 'd1' } as const;
    const done = given(order).when({ ...answer, outcome: 'completed', data }, orderworks).state;
    expect(stateOf(done, 'action_needed')).toMatchObject({ status: 'done', doer: orderworks.id, data });
    const failed = given(order)
      .when({ ...answer, outcome: 'completed', data: {} }, orderworks)
      .happened({ type: 'check-failed', stage: 'action_needed', round: 1, rules: ['exit_data_invalid'] }).state;
    expect(stateOf(failed, 'action_needed').note).toContain('/data/open');
    given(failed).refuses({ ...answer, outcome: 'failed', data: {} }, 'superseded', { actor: orderworks });
    const elsewhere = { ...answer, stage: 'submitted', outcome: 'failed', data: {} } as const;
    given(walk(anOrder('listings'), 'submitted')).refuses(elsewhere, 'wrong_gate', { actor: orderworks });
  });

  test('that is blocked says what is missing', () => {
    const lost = { type: 'record-fact', fact: 'grant.google_ads', holds: false, seq: 1 } as const;
    const blocked = given(walk(anOrder('google_ads'), 'build')).when(lost, orderworks).state;
    const refusal = given(blocked).refuses({ type: 'begin-stage', stage: 'build' }, 'stage_not_ready');
    expect(refusal.message).toMatch(/was lost\.$/);
  });

  test('that waits for several names those which are not over', () => {
    const order = walk(anOrder('seo'), 'onpage_setup');
    const data = exampleOf(workflowFor('seo').stages.find(({ key }) => key === 'onpage_setup')!);
    const one = given(order).when({ type: 'complete-stage', stage: 'onpage_setup', data }).state;
    const wait = (state: OrderState) =>
      given(state).refuses({ type: 'complete-stage', stage: 'qa', data: {} }, 'stage_not_ready').message;
    expect(wait(order)).toContain('onpage_setup and tracking_verified');
    expect(wait(one)).not.toContain('onpage_setup');
  });
});

const wrong = { listings: [{ directory: 'yelp', id: 'abc', state: 'rejected', matches: false }] };

describe('what is asked of an order', () => {
  test('names the field that is missing or not offered', () => {
    const reason = given(anOrder('seo')).refuses({ type: 'pause' }, 'reason_required');
    expect(reason.errors).toEqual([{ pointer: '/reason', rule: 'required', message: expect.any(String) }]);
    given(anOrder('seo')).refuses({ type: 'pause' }, 'reason_required', { reason: '  ' });
    const tier = refusalOf(() => created('seo', { tier: 'gold' }));
    expect(tier).toMatchObject({ code: 'unknown_tier', errors: [{ pointer: '/tier', rule: 'not_offered' }] });
  });

  test('keeps a reason without the spaces around it', () => {
    const back = { type: 'send-back', stage: 'qa', to: 'build' } as const;
    const { state } = given(walk(anOrder('google_ads'), 'qa')).when(back, doer, '  The geo targets.  ');
    expect(stateOf(state, 'build').note).toBe('The geo targets.');
  });

  test('changes a label, or is refused', () => {
    const due = given(anOrder('seo')).when({ type: 'set-due-date', dueOn: '2026-04-01' }, admin);
    due.happened({ type: 'due-date-set', from: null, to: '2026-04-01' });
    given(due.state).refuses({ type: 'set-due-date', dueOn: '2026-04-01' }, 'nothing_changed', { actor: admin });
    given(anOrder('seo')).refuses({ type: 'set-due-date', dueOn: null }, 'nothing_changed', { actor: admin });
    const tags = (many: number, from = 0) => Array.from({ length: many }, (_, index) => `tag-${index + from}`);
    const tag = (order: OrderState, add: string[], remove: string[] = []) =>
      given(order).when({ type: 'tag-order', add, remove }, admin);
    const full = [0, 20].reduce((order, from) => tag(order, tags(20, from)).state, anOrder('seo'));
    const fifty = tag(full, tags(10, 40)).state;
    const refusal = given(fifty).refuses({ type: 'tag-order', add: ['more'], remove: ['none'] }, 'invalid_request', so);
    expect(refusal.errors).toMatchObject([{ pointer: '/add', rule: 'too_many' }]);
    tag(fifty, ['more'], ['tag-1']).happened({ type: 'order-tagged', added: 1, removed: 1 });
  });
});

describe('those who are named in an assignment', () => {
  test('are told with the field that names them', () => {
    const specialists = [{ staff: 'bob' }, { staff: 'cem', stage: 'qa' }];
    expect(namedIn({ type: 'assign', manager: 'ann', specialists })).toEqual([
      { id: 'ann', pointer: '/manager' },
      { id: 'bob', pointer: '/specialists/0/staff' },
      { id: 'cem', pointer: '/specialists/1/staff' },
    ]);
    expect(namedIn({ type: 'assign', manager: null })).toEqual([]);
  });

  test('are responsible once, and a manager stays while specialists change', () => {
    const assign = { type: 'assign', manager: 'ann', specialists: [{ staff: 'bob' }] } as const;
    const order = given(anOrder('seo')).when({ ...assign, specialists: [...assign.specialists] }, admin).state;
    expect(order).toMatchObject({ manager: 'ann', assignees: ['ann', 'bob'] });
    given(order).refuses({ type: 'assign', manager: 'ann' }, 'nothing_changed', so);
    const cem = given(order).when({ type: 'assign', specialists: [{ staff: 'cem' }] }, admin);
    cem.happened({
      type: 'order-assigned',
      begun: [{ staff: 'cem', as: 'specialist' }],
      ended: [{ staff: 'bob', as: 'specialist' }],
    });
    expect(cem.state).toMatchObject({ manager: 'ann', assignees: ['ann', 'cem'] });
    const nobody = given(cem.state).when({ type: 'assign', manager: null }, admin).state;
    expect(nobody).not.toHaveProperty('manager');
    expect(nobody.assignees).toEqual(['cem']);
  });
});

describe('a mail that may have arrived or not', () => {
  test('is told of by its template and who it was for', () => {
    const doubt = doubtOf({ template: 'form-link', to: 'client', since: start });
    expect(doubt).toMatchObject({ kind: 'delivery-unknown', severity: 'warning', since: start });
    expect(doubt.what).toMatch(/"form-link" to the client/);
    expect(doubt.cure).toMatch(/\.$/);
  });

  test('is in doubt until somebody has answered', () => {
    const alert = { kind: 'delivery-unknown', state: 'open' };
    expect(refusalOf(() => requireDoubt(alert, 'a1'))).toBeUndefined();
    expect(refusalOf(() => requireDoubt(null, 'a1'))?.code).toBe('alert_not_found');
    expect(refusalOf(() => requireDoubt({ ...alert, kind: 'sla' }, 'a1'))?.code).toBe('nothing_changed');
    expect(refusalOf(() => requireDoubt({ ...alert, state: 'resolved' }, 'a1'))?.code).toBe('alert_resolved');
  });
});
