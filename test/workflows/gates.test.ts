/** How each gate is left, and by whom: forms, access, work, approvals, the second look, checks. */
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../kernel/ids.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  aHash,
  anOrder,
  checker,
  client,
  created,
  doer,
  given,
  isInward,
  leaving,
  orderworks,
  walk,
} from '../support/given.ts';

const exampleFor = (product: string, key: string) =>
  exampleOf(workflowFor(product).stages.find((stage) => stage.key === key)!);

const answers = exampleFor('google_ads', 'intake');
const submission = {
  type: 'submit-form',
  stage: 'intake',
  round: 1,
  link: 'link-1',
  response: 'response-1',
  hash: hashOf(answers),
  answers,
} as const;

describe('a form', () => {
  const order = anOrder('google_ads');
  const submitted = given(order).when(submission, client).state;

  test('is asked for as soon as the order is there', () => {
    const { state, effects } = created('google_ads');
    expect(effects.filter((effect) => !isInward(effect))).toEqual([
      expect.objectContaining({ type: 'issue-link', stage: 'intake', round: 1 }),
    ]);
    expect(state).toMatchObject({ status: 'onboarding', onboarding: 'pending', holder: 'client', stage: 'intake' });
  });

  test('counts as sent once its link is recorded', () => {
    const command = { type: 'record-link', stage: 'intake', round: 1, link: 'link-1' } as const;
    given(order)
      .when(command, orderworks)
      .happened(
        { type: 'link-recorded', stage: 'intake', round: 1, link: 'link-1' },
        { type: 'onboarding-changed', to: 'sent' },
      );
    const sent = given(order).when(command, orderworks).state;
    expect(sent.onboarding).toBe('sent');
    given(sent).refuses(command, 'superseded', { actor: orderworks });
  });

  test('goes to the agency for review when it is submitted', () => {
    expect(submitted).toMatchObject({ onboarding: 'received', holder: 'agency' });
    expect(stateOf(submitted, 'intake')).toMatchObject({ status: 'in_review', response: 'response-1' });
  });

  test('keeps the answers out of the events', () => {
    const { state } = given(order).when(submission, client);
    expect(JSON.stringify(stateOf(state, 'intake').data)).toContain('ann@example.com');
    given(order)
      .when(submission, client)
      .happened(
        { type: 'form-submitted', stage: 'intake', round: 1, link: 'link-1', response: 'response-1', hash: aHash },
        { type: 'onboarding-changed', to: 'received' },
      );
  });

  test('is done when it is approved, and set-up begins', () => {
    const { state } = given(submitted).when({ type: 'review-form', stage: 'intake', decision: 'approve' }).happened(
      { type: 'stage-completed', stage: 'intake', round: 1, by: 'doer', hash: aHash },
      { type: 'onboarding-changed', to: 'approved' },
      {
        type: 'stage-entered',
        stage: 'access_granted',
        round: 1,
        status: 'waiting',
        waitingFor: 'access',
        holder: 'client',
      },
      { type: 'status-changed', from: 'onboarding', to: 'setup' },
    );
    expect(state).toMatchObject({ status: 'setup', onboarding: 'approved', stage: 'access_granted' });
  });

  test('comes back to the client with the answers that were flagged', () => {
    const fields = [{ field: 'landing_urls', reason: 'The page is gone.' }];
    const { state, effects } = given(submitted)
      .when({ type: 'review-form', stage: 'intake', decision: 'revise', fields })
      .happened(
        { type: 'form-returned', stage: 'intake', round: 1, fields: ['landing_urls'] },
        { type: 'stage-entered', stage: 'intake', round: 2, status: 'waiting', waitingFor: 'form', holder: 'client' },
        { type: 'onboarding-changed', to: 'needs_revision' },
      );
    expect(effects).toEqual([expect.objectContaining({ type: 'issue-link', round: 2, revise: fields })]);
    expect(state).toMatchObject({ onboarding: 'needs_revision', holder: 'client' });
    given(state).refuses(submission, 'superseded', { actor: client });
    given(state)
      .when({ ...submission, round: 2 }, client)
      .happened(
        { type: 'form-submitted', stage: 'intake', round: 2, link: 'link-1', response: 'response-1', hash: aHash },
        { type: 'onboarding-changed', to: 'received' },
      );
  });

  test('cannot be returned without saying what is wrong', () => {
    given(submitted).refuses({ type: 'review-form', stage: 'intake', decision: 'revise' }, 'reason_required');
  });

  test('has no field that it does not ask for', () => {
    const fields = [{ field: 'shoe_size', reason: 'Too small.' }];
    const refusal = given(submitted).refuses(
      { type: 'review-form', stage: 'intake', decision: 'revise', fields },
      'invalid_request',
    );
    expect(refusal.errors[0]?.pointer).toBe('/fields/0/field');
    expect(refusal.errors[0]?.message).toContain('landing_urls');
  });

  test('is submitted once', () => {
    given(submitted).refuses(submission, 'stage_finished', { actor: client });
  });

  test('names every answer that will not do', () => {
    const wrong = { ...answers, google_ads_customer_id: '12-34', landing_urls: [], shoe_size: 44 };
    const { errors } = given(order).refuses({ ...submission, answers: wrong }, 'exit_data_invalid', { actor: client });
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/answers/google_ads_customer_id',
      '/answers/landing_urls',
      '/answers/shoe_size',
    ]);
  });
});

describe('work', () => {
  const order = walk(anOrder('google_ads'), 'campaign_plan');
  const data = exampleFor('google_ads', 'campaign_plan');

  test('is begun by one person at a time', () => {
    const begun = given(order)
      .when({ type: 'begin-stage', stage: 'campaign_plan' })
      .happened({ type: 'stage-begun', stage: 'campaign_plan', round: 1, by: 'doer' }).state;
    given(begun).refuses({ type: 'begin-stage', stage: 'campaign_plan' }, 'stage_begun', { actor: checker });
  });

  test('is finished once', () => {
    const done = leaving(order, 'campaign_plan');
    given(done).refuses({ type: 'complete-stage', stage: 'campaign_plan', data }, 'stage_finished');
  });

  test('cannot be done before its turn', () => {
    const refusal = given(order).refuses({ type: 'complete-stage', stage: 'qa', data: {} }, 'stage_not_ready');
    expect(refusal.message).toContain('build');
  });

  test('is not done by the client', () => {
    given(order).refuses({ type: 'complete-stage', stage: 'campaign_plan', data }, 'forbidden', { actor: client });
  });

  test('goes back with a reason, and everything after it is locked again under a new round', () => {
    const at = walk(anOrder('google_ads'), 'launch');
    given(at).refuses({ type: 'send-back', stage: 'launch', to: 'qa' }, 'reason_required');
    const { state } = given(at).when({ type: 'send-back', stage: 'launch', to: 'qa' }, doer, 'A page is gone.');
    expect(stateOf(state, 'qa')).toMatchObject({ status: 'ready', round: 2, note: 'A page is gone.' });
    expect(stateOf(state, 'launch')).toMatchObject({ status: 'locked', round: 2 });
  });

  test('goes back only where the product says', () => {
    const at = walk(anOrder('google_ads'), 'launch');
    given(at).refuses({ type: 'send-back', stage: 'launch', to: 'intake' }, 'stage_not_reachable', { reason: 'So.' });
  });
});

describe('an approval', () => {
  const order = walk(anOrder('google_ads'), 'client_approval');
  const { hash = '' } = stateOf(order, 'client_approval');
  const approve = { type: 'decide-approval', stage: 'client_approval', round: 1, approval: 'a-1', hash } as const;

  test('shows the data it covers and is bound to their hash', () => {
    const before = walk(anOrder('google_ads'), 'campaign_plan');
    const data = exampleFor('google_ads', 'campaign_plan');
    const { effects } = given(before).when({ type: 'complete-stage', stage: 'campaign_plan', data });
    const [request] = effects;
    expect(request).toMatchObject({ type: 'request-approval', recipient: { email: 'ann@example.com' } });
    expect(request?.type === 'request-approval' && hashOf(request.snapshot)).toBe(
      request?.type === 'request-approval' && request.hash,
    );
  });

  test('is decided by the client alone', () => {
    given(order).refuses({ ...approve, decision: 'approve' }, 'forbidden');
    given(order).refuses({ type: 'complete-stage', stage: 'client_approval', data: {} }, 'wrong_gate');
  });

  test('lets the order go on', () => {
    const { state } = given(order).when({ ...approve, decision: 'approve' }, client);
    expect(state.stage).toBe('build');
    given(state).refuses({ ...approve, decision: 'approve' }, 'stage_finished', { actor: client });
  });

  test('sends the plan back when the client wants changes', () => {
    const { state } = given(order).when({ ...approve, decision: 'changes', comment: 'Less spend.' }, client);
    expect(stateOf(state, 'campaign_plan')).toMatchObject({ status: 'ready', round: 2, note: 'Less spend.' });
    expect(stateOf(state, 'client_approval')).toMatchObject({ status: 'locked', round: 2 });
  });

  test('is void once what was shown has changed', () => {
    const back = given(order).when({ ...approve, decision: 'changes' }, client).state;
    const again = leaving(back, 'campaign_plan');
    given(again).refuses({ ...approve, decision: 'approve' }, 'approval_void', { actor: client });
    given(order).refuses({ ...approve, hash: hashOf('else'), decision: 'approve' }, 'approval_void', { actor: client });
  });

  test('expires into a visible state, and can be requested again', () => {
    const recorded = given(order).when(
      { type: 'record-approval', stage: 'client_approval', round: 1, approval: 'a-1' },
      orderworks,
    ).state;
    const { state } = given(recorded).when({ type: 'expire-approval', stage: 'client_approval', round: 1 }, orderworks);
    expect(state).toMatchObject({ status: 'setup', holder: 'agency' });
    given(state).refuses({ ...approve, decision: 'approve' }, 'approval_expired', { actor: client });
    const { effects } = given(state).when({ type: 'request-approval', stage: 'client_approval' });
    expect(effects).toEqual([expect.objectContaining({ type: 'request-approval', round: 2 })]);
  });
});

describe('the second look', () => {
  const order = walk(anOrder('google_ads'), 'qa');
  const data = exampleFor('google_ads', 'qa');

  test('is never taken by whoever did the work', () => {
    given(order).refuses({ type: 'complete-stage', stage: 'qa', data }, 'same_person', { actor: doer });
    given(order).refuses({ type: 'begin-stage', stage: 'qa' }, 'same_person', { actor: doer });
    given(order).when({ type: 'complete-stage', stage: 'qa', data }, checker).happened(
      { type: 'stage-completed', stage: 'qa', round: 1, by: 'checker', hash: aHash },
      {
        type: 'stage-entered',
        stage: 'launch',
        round: 1,
        status: 'waiting',
        waitingFor: 'answer',
        holder: 'fulfillment',
      },
    );
  });

  test('covers both of two parallel branches', () => {
    const at = walk(anOrder('seo'), 'qa');
    const checklist = exampleFor('seo', 'qa');
    given(at).refuses({ type: 'complete-stage', stage: 'qa', data: checklist }, 'same_person', { actor: doer });
  });
});

describe('a check', () => {
  test('is run by the system alone', () => {
    const order = walk(anOrder('listings'), 'live');
    given(order).refuses({ type: 'complete-stage', stage: 'live', data: {} }, 'wrong_gate');
    given(order).refuses({ type: 'run-check', stage: 'live', round: 2 }, 'superseded', { actor: orderworks });
    given(order)
      .when({ type: 'run-check', stage: 'live', round: 1 }, orderworks)
      .asksFor({
        type: 'notify',
        template: 'setup-complete',
        recipient: { name: 'Cleo', email: 'cleo@example.com' },
        data: { client: 'Cleo', product: 'Listings', order: 'listings for Riverside' },
      });
  });
});

describe('parallel branches', () => {
  test('are open side by side and join', () => {
    const order = walk(anOrder('seo'), 'onpage_setup');
    expect(stateOf(order, 'tracking_verified').status).toBe('ready');
    const one = leaving(order, 'tracking_verified');
    expect(stateOf(one, 'qa').status).toBe('locked');
    expect(stateOf(leaving(one, 'onpage_setup'), 'qa').status).toBe('ready');
  });
});

describe('an override', () => {
  const order = walk(anOrder('google_ads'), 'campaign_plan');

  test('is for an Order Admin with a reason, and is counted', () => {
    const move = { type: 'override-stage', stage: 'campaign_plan', action: 'complete' } as const;
    given(order).refuses(move, 'forbidden', { reason: 'So.' });
    given(order).refuses(move, 'reason_required', { actor: admin });
    expect(given(order).when(move, admin, 'Done by mail.').state.overrides).toBe(1);
  });

  test('gets nobody past spend, tracking or launch', () => {
    const past = { type: 'override-stage', stage: 'build', action: 'move' } as const;
    given(order).refuses(past, 'not_skippable', { actor: admin, reason: 'In a hurry.' });
    given(order).refuses({ type: 'skip-stage', stage: 'launch' }, 'not_skippable', { actor: admin, reason: 'So.' });
  });

  test('reopens a stage that is over, even of a live order', () => {
    const live = walk(anOrder('google_ads'));
    const reopen = { type: 'override-stage', stage: 'build', action: 'reopen' } as const;
    const { state } = given(live).when(reopen, admin, 'The geo targets were wrong.');
    expect(state).toMatchObject({ status: 'setup', stage: 'build' });
  });

  test('moves an order forward over what may be skipped', () => {
    const listings = anOrder('listings');
    const move = { type: 'override-stage', stage: 'submitted', action: 'move' } as const;
    const { state } = given(listings).when(move, admin, 'Taken over from another vendor.');
    expect(stateOf(state, 'nap_confirmed').status).toBe('skipped');
    expect(state.stage).toBe('submitted');
  });
});
