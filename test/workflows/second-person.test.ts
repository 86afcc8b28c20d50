/** The second pair of eyes: what each check vouches for, and that nobody passes a check of their own work, however it was done. */
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { bulkAction } from '../../workflows/bulk/action.ts';
import { rehearse } from '../../workflows/bulk/rehearse.ts';
import { run } from '../../workflows/engine/run.ts';
import { ancestorsOf } from '../../workflows/graph/paths.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import {
  admin,
  anOrder,
  asking,
  checker,
  client,
  doer,
  given,
  leaving,
  orderworks,
  staff,
  walk,
  waysThrough,
} from '../support/given.ts';

/** Product, its check by a second person, and every stage that it answers for. */
const table: readonly [product: string, check: string, ...covers: string[]][] = [
  [
    'seo',
    'qa',
    'intake',
    'access_granted',
    'baseline_audit',
    'keyword_plan',
    'strategy_approval',
    'onpage_setup',
    'tracking_verified',
  ],
  ['google_ads', 'qa', 'intake', 'access_granted', 'tracking_installed', 'campaign_plan', 'client_approval', 'build'],
  [
    'facebook_ads',
    'qa',
    'intake',
    'access_granted',
    'pixel_installed',
    'creative_ready',
    'audience_plan',
    'client_approval',
    'build',
  ],
  ['tiktok_ads', 'qa', 'intake', 'access_granted', 'pixel_installed', 'video_assets', 'client_approval', 'build'],
  ['social_posting', 'qa', 'intake', 'access_granted', 'brand_kit', 'calendar_draft', 'client_approval', 'scheduled'],
  ['content', 'edit_qa', 'intake', 'briefs', 'brief_approval', 'drafting'],
  ['gbp', 'qa', 'intake', 'duplicate_check', 'access_granted', 'profile_optimised', 'client_approval', 'verification'],
  [
    'site',
    'qa',
    'intake',
    'assets_collected',
    'access_granted',
    'sitemap_draft',
    'sitemap_approval',
    'design_draft',
    'design_approval',
    'build',
  ],
];

const mia = staff('mia', 'fulfillment');
const boss: Actor = { ...admin, id: 'boss' };

/** The same way through a stage, with everything that the team did done by `person`. */
function leftBy(state: OrderState, key: string, person: Actor): OrderState {
  return waysThrough(state, key).reduce(
    (now, { command, actor }) => run(now, command, asking(actor === doer ? person : actor)).state,
    state,
  );
}

/** The order at its check, with one of the stages before it left by `mia` and every other by `doer`. */
function atCheckWith(product: string, check: string, key: string): OrderState {
  const tier = product === 'content' ? 'standard' : workflowFor(product).tiers[0];
  let now = anOrder(product, tier === undefined ? {} : { tier });
  while (now.stage !== undefined && now.stage !== check) {
    now = now.stage === key ? leftBy(now, key, mia) : leaving(now, now.stage);
  }
  return now;
}

const completes = (product: string, check: string): OrderCommand => {
  const stage = workflowFor(product).stages.find(({ key }) => key === check);
  return { type: 'complete-stage', stage: check, data: stage ? exampleOf(stage) : {} };
};

describe('what a check by a second person vouches for', () => {
  test('is said in every product, and is what the table says', () => {
    const said = Object.values(products)
      .flat()
      .flatMap(({ product, stages }) =>
        stages.filter(({ gate }) => gate === 'qa').map(({ key, vouchesFor = [] }) => [product, key, ...vouchesFor]),
      );
    expect(said.toSorted()).toEqual(table.toSorted());
  });

  test('leaves out no stage that comes before it', () => {
    for (const [product, check, ...covers] of table) {
      expect([...ancestorsOf(workflowFor(product).stages, check)].toSorted(), product).toEqual(covers.toSorted());
    }
  });

  const worked = table.flatMap(([product, check, ...covers]) =>
    covers
      .filter(
        (key) =>
          !['form', 'approval'].includes(workflowFor(product).stages.find((stage) => stage.key === key)?.gate ?? ''),
      )
      .map((key) => [product, check, key] as const),
  );
  test.each(worked)('%s: whoever left %s\'s "%s" cannot pass it, and the refusal says so', (product, check, key) => {
    const order = atCheckWith(product, check, key);
    const refusal = given(order).refuses(completes(product, check), 'same_person', { actor: mia });
    expect(refusal.message).toMatch(new RegExp(`mia (completed|recorded) "${key}" in round 1`));
    given(order).refuses({ type: 'begin-stage', stage: check }, 'same_person', { actor: mia });
    expect(given(order).when(completes(product, check), checker).state.stage).not.toBe(check);
  });
});

describe('work that a check vouches for', () => {
  const data = exampleOf(workflowFor('google_ads').stages.find(({ key }) => key === 'build') as never);
  const qa = completes('google_ads', 'qa');
  const building = walk(anOrder('google_ads'), 'build');
  const complete: OrderCommand = { type: 'complete-stage', stage: 'build', data };

  const refusedFor = (order: OrderState, person: Actor): string =>
    given(order).refuses(qa, 'same_person', { actor: person }).message;

  test('counts where somebody else completes what one began', () => {
    const begun = given(building).when({ type: 'begin-stage', stage: 'build' }, mia).state;
    expect(refusedFor(given(begun).when(complete, doer).state, mia)).toContain('mia began "build" in round 1');
  });

  test('counts in every round: of those whose work was sent back and of those who fixed it', () => {
    const first = given(building).when(complete, mia).state;
    const back = given(first).when(
      { type: 'send-back', stage: 'qa', to: 'build' },
      checker,
      'The dates are wrong.',
    ).state;
    const fixed = given(back).when(complete, staff('ben', 'fulfillment')).state;
    expect(refusedFor(fixed, mia)).toContain('mia completed "build" in round 1');
    expect(refusedFor(fixed, staff('ben', 'fulfillment'))).toContain('ben completed "build" in round 2');
    given(fixed).when(qa, checker);
  });

  test('counts where it was recorded and the system left the stage after a look', () => {
    expect(refusedFor(atCheckWith('google_ads', 'qa', 'tracking_installed'), mia)).toContain(
      'mia recorded "tracking_installed"',
    );
  });

  test('counts where an Order Admin overrode or skipped the stage', () => {
    const overridden = given(building).when(
      { type: 'override-stage', stage: 'build', action: 'complete' },
      boss,
      'Done.',
    ).state;
    expect(refusedFor(overridden, boss)).toContain('boss completed "build" in round 1, overrode "build" in round 1');
    const skipped = given(building).when({ type: 'skip-stage', stage: 'build' }, boss, 'Built by them.').state;
    expect(refusedFor(skipped, boss)).toContain('boss skipped "build"');
    const planning = walk(anOrder('google_ads'), 'campaign_plan');
    const byOverride = given(planning).when(
      { type: 'override-stage', stage: 'campaign_plan', action: 'skip' },
      boss,
      'No plan.',
    ).state;
    expect(stateOf(byOverride, 'campaign_plan').contributors).toEqual([
      expect.objectContaining({ by: 'boss', did: 'skipped' }),
    ]);
  });

  test('counts where an Order Admin answered in place of the client', () => {
    const intake = anOrder('tiktok_ads');
    const form = given(intake).when(
      { type: 'override-stage', stage: 'intake', action: 'complete' },
      boss,
      'By phone.',
    ).state;
    expect(refusedFor(walk(form, 'qa'), boss)).toContain('boss overrode "intake"');
  });

  test('counts where staff sent the form in for the client', () => {
    const [, submit] = waysThrough(anOrder('google_ads'), 'intake');
    const submitted = run(anOrder('google_ads'), submit?.command as OrderCommand, asking(mia)).state;
    const approved = given(submitted).when(
      { type: 'review-form', stage: 'intake', decision: 'approve' },
      checker,
    ).state;
    expect(refusedFor(walk(approved, 'qa'), mia)).toContain('mia submitted "intake"');
    given(walk(approved, 'qa')).when(qa, checker);
  });

  test('counts where somebody took the answer of a vendor, or said what became of a request', () => {
    const asked = walk(anOrder('gbp'), 'verification');
    const unknown = given(asked).when(
      { type: 'record-answer', stage: 'verification', round: 1, dispatch: 'd', outcome: 'unknown', data: {} },
      { type: 'system', id: 'orderworks' },
    ).state;
    const verified = exampleOf(workflowFor('gbp').stages.find(({ key }) => key === 'verification') as never);
    const resolved = given(unknown).when(
      { type: 'resolve-outcome', stage: 'verification', outcome: 'done', data: verified },
      mia,
      'They told us by phone.',
    ).state;
    expect(given(resolved).refuses(completes('gbp', 'qa'), 'same_person', { actor: mia }).message).toContain(
      'resolved "verification"',
    );
    const failed = given(asked).when(
      { type: 'record-answer', stage: 'verification', round: 1, dispatch: 'd', outcome: 'failed', data: {} },
      { type: 'system', id: 'orderworks' },
    ).state;
    const retried = given(failed).when({ type: 'retry-stage', stage: 'verification' }, mia).state;
    expect(given(walk(retried, 'qa')).refuses(completes('gbp', 'qa'), 'same_person', { actor: mia }).message).toContain(
      'mia retried "verification"',
    );
  });

  test('counts where somebody attested an access at the account, and the stage ended by itself', () => {
    const seen = walk(anOrder('seo'), 'access_granted');
    const facts = ['search_console', 'cms', 'analytics'].map((grant) => `grant.${grant}`);
    const state = facts.reduce(
      (now, fact) => run(now, { type: 'record-fact', fact, holds: true, seq: 1, by: 'mia' }, asking(orderworks)).state,
      seen,
    );
    expect(stateOf(state, 'access_granted').status).toBe('done');
    const checking = completes('seo', 'qa');
    expect(given(walk(state, 'qa')).refuses(checking, 'same_person', { actor: mia }).message).toContain(
      'mia attested "access_granted" in round 1',
    );
    given(walk(state, 'qa')).when(checking, checker);
  });

  test('counts where somebody accepted the late answer of a vendor', () => {
    const asked = walk(anOrder('gbp'), 'verification');
    const answer = { type: 'record-answer', stage: 'verification', round: 1, dispatch: 'd' } as const;
    const data = exampleOf(workflowFor('gbp').stages.find(({ key }) => key === 'verification') as never);
    const failed = given(asked).when({ ...answer, outcome: 'failed', data: {} }, orderworks).state;
    const late = given(failed).when({ ...answer, outcome: 'completed', data }, orderworks).state;
    const accepted = given(late).when({ type: 'review-answer', stage: 'verification', decision: 'accept' }, mia).state;
    const refusal = given(accepted).refuses(completes('gbp', 'qa'), 'same_person', { actor: mia });
    expect(refusal.message).toContain('mia accepted "verification" in round 1');
  });

  test('counts of a bulk operation for whoever started it', () => {
    const rehearsed = rehearse(bulkAction.parse(complete), building, asking(mia, 'All at once.'));
    if (rehearsed.verdict !== 'will_change') throw new Error(rehearsed.message);
    expect(refusedFor(rehearsed.change.state, mia)).toContain('mia completed "build" in round 1');
  });

  test('does not count where somebody only looked: reviewed, sent back, reopened or asked again', () => {
    const first = given(building).when(complete, doer).state;
    const back = given(first).when({ type: 'send-back', stage: 'qa', to: 'build' }, checker, 'Look again.').state;
    const again = given(given(back).when(complete, doer).state);
    again.when(qa, checker);
    const reopened = given(first).when(
      { type: 'override-stage', stage: 'build', action: 'reopen' },
      boss,
      'Again.',
    ).state;
    given(given(reopened).when(complete, doer).state).when(qa, boss);
  });

  test('is known of orders from before contributors were noted', () => {
    const done = given(building).when(complete, mia).state;
    const old = { ...done, stages: done.stages.map(({ contributors: _, ...stage }) => stage) };
    expect(refusedFor(old, mia)).toContain('mia completed "build" in round 1');
  });

  test('never hinders a client, and an Order Admin passes their own work only by an override that shows', () => {
    const order = given(building).when(complete, boss).state;
    given(order).refuses(qa, 'same_person', { actor: boss });
    given(order).refuses(qa, 'forbidden', { actor: client });
    const { state } = given(order).when(
      { type: 'override-stage', stage: 'qa', action: 'complete' },
      boss,
      'Alone today.',
    );
    expect(state.overrides).toBe(1);
    expect(stateOf(state, 'qa').contributors).toContainEqual(expect.objectContaining({ by: 'boss', did: 'overrode' }));
  });
});
