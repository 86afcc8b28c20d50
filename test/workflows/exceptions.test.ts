/** A check that cannot be passed has a way on: an exception with evidence, asked for by one person and granted by another. */
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { run } from '../../workflows/engine/run.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { looksAt } from '../../workflows/rules/ask-check.ts';
import { alarmsOf } from '../../workflows/telling/alarms.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { sentenceOf } from '../../workflows/words/looks.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { anOrder, asking, checker, doer, given, leaving, orderworks, staff, start, walk } from '../support/given.ts';

const mia = staff('mia', 'fulfillment');
const boss = staff('boss', 'setup_manager');

const stageIn = (product: string, key: string) => workflowFor(product).stages.find((stage) => stage.key === key)!;

/** What a check finds: the looks named fail, all others hold. */
function checked(state: OrderState, key: string, fails: (look: string) => boolean): OrderCommand {
  const { round, check, data = {} } = stateOf(state, key);
  const results = looksAt(stageIn(state.product, key), state, data).map((look) => {
    const sentence = sentenceOf(look);
    return { look: sentence, verdict: fails(sentence) ? 'fails' : 'holds', found: 'nothing of it', facts: {} } as const;
  });
  return { type: 'record-check', stage: key, round, attempt: check?.attempt ?? 1, results };
}

const isTag = (look: string) => look.includes('carries the tag');

/** The tag is loaded by Tag Manager: no look will ever see it. */
function failing(product = 'seo', key = 'tracking_verified', fails = isTag): OrderState {
  let state = walk(anOrder(product), key);
  if (!stageIn(product, key).finds) {
    state = run(
      state,
      { type: 'complete-stage', stage: key, data: exampleOf(stageIn(product, key)) },
      asking(doer),
    ).state;
  }
  return run(state, checked(state, key, fails), asking(orderworks)).state;
}

const key = 'tracking_verified';
const request: OrderCommand = { type: 'request-exception', stage: key, evidence: 'Tag Assistant, screenshot 17' };
const grant: OrderCommand = { type: 'decide-exception', stage: key, decision: 'grant' };
const refuse: OrderCommand = { type: 'decide-exception', stage: key, decision: 'refuse' };
const revoke: OrderCommand = { type: 'revoke-exception', stage: key };
const why = 'GA4 is loaded by Tag Manager.';

const requested = (by: Actor = mia) => given(failing()).when(request, by, why).state;
const granted = () => given(requested()).when(grant, boss).state;

describe('an exception from a check', () => {
  test('lets a guarded stage go on, with the data that were recorded, and is counted', () => {
    const { state } = given(requested())
      .when(grant, boss)
      .happened(
        { type: 'exception-granted', stage: key, round: 1, by: 'boss', requestedBy: 'mia' },
        { type: 'stage-completed', stage: key, round: 1, by: 'doer', hash: expect.any(String) },
        expect.objectContaining({ type: 'stage-entered', stage: 'qa' }),
      );
    expect(stateOf(state, key)).toMatchObject({
      status: 'done',
      doer: 'doer',
      data: { ga4_measurement_id: 'G-AB12CD34EF' },
      exception: { requestedBy: 'mia', grantedBy: 'boss', reason: why, evidence: 'Tag Assistant, screenshot 17' },
    });
    expect(state.exceptions).toBe(1);
    expect(walk(state).status).toBe('live');
  });

  test('is the way on of every guarded stage that the system checks', () => {
    const guarded = Object.values(products)
      .flat()
      .flatMap(({ product, stages }) =>
        stages.filter(({ guards, looks }) => guards && looks).map((stage) => [product, stage.key] as const),
      );
    expect(guarded.length).toBeGreaterThan(3);
    for (const [product, stage] of guarded) {
      const state = failing(product, stage);
      const refused = given(state).refuses({ type: 'skip-stage', stage }, 'not_skippable', {
        actor: staff('a', 'order_admin'),
        reason: 'x',
      });
      expect(refused.message, stage).toContain('request an exception with evidence');
      const asked = given(state).when({ ...request, stage } as OrderCommand, mia, why).state;
      expect(stateOf(given(asked).when({ ...grant, stage } as OrderCommand, boss).state, stage).status).toBe('done');
    }
  });

  test('is granted neither by whoever asked for it nor by whoever did the work', () => {
    expect(given(requested(boss)).refuses(grant, 'same_person', { actor: boss }).message).toContain('boss appealed');
    const byDoer = given(requested()).refuses(grant, 'same_person', { actor: doer });
    expect(byDoer.message).toContain('doer recorded "tracking_verified" in round 1');
    given(requested()).refuses(grant, 'same_person', { actor: mia });
  });

  test('counts as work for the second look, for whoever asked for it', () => {
    const order = walk(granted(), 'qa');
    given(order).refuses({ type: 'begin-stage', stage: 'qa' }, 'same_person', { actor: mia });
    given(order).when({ type: 'begin-stage', stage: 'qa' }, checker);
  });

  test('takes a reason and evidence, and something that does not hold', () => {
    given(failing()).refuses(request, 'reason_required', { actor: mia });
    given(walk(anOrder('seo'), key)).refuses(request, 'stage_not_ready', { actor: mia, reason: why });
    given(walk(anOrder('seo'), 'keyword_plan')).refuses(
      { ...request, stage: 'keyword_plan' } as OrderCommand,
      'wrong_gate',
      {
        actor: mia,
        reason: why,
      },
    );
    given(leaving(walk(anOrder('seo'), key), key)).refuses(request, 'stage_finished', { actor: mia, reason: why });
    given(requested()).refuses(request, 'request_underway', { actor: boss, reason: why });
    given(failing()).refuses(grant, 'exception_not_requested', { actor: boss });
    given(failing()).refuses(revoke, 'exception_not_requested', { actor: boss, reason: why });
    expect(
      given(failing()).refuses({ ...request, data: {} } as OrderCommand, 'invalid_request', { actor: mia, reason: why })
        .errors,
    ).toMatchObject([{ pointer: '/data' }]);
  });

  test('is refused with a reason, and can be asked for again', () => {
    given(requested()).refuses(refuse, 'reason_required', { actor: boss });
    const { state } = given(requested()).when(refuse, boss, 'The picture shows another site.');
    expect(stateOf(state, key)).toMatchObject({ status: 'failed', note: 'The picture shows another site.' });
    expect(stateOf(state, key).exception).toBeUndefined();
    given(state).when(request, mia, why);
  });

  test('is revoked: a request is withdrawn, and what was granted is done again', () => {
    const withdrawn = given(requested()).when(revoke, boss, 'Not needed.').state;
    expect(stateOf(withdrawn, key)).toMatchObject({ status: 'failed', round: 1 });
    expect(stateOf(withdrawn, key).exception).toBeUndefined();
    given(granted()).refuses(revoke, 'reason_required', { actor: boss });
    const again = given(granted()).when(revoke, boss, 'The tag was removed.').state;
    expect(stateOf(again, key)).toMatchObject({ status: 'ready', round: 2 });
    expect([stateOf(again, key).exception, stateOf(again, 'qa').status]).toEqual([undefined, 'locked']);
  });

  test('covers what did not hold then, and nothing else', () => {
    const state = requested();
    const recheck = run(state, { type: 'recheck-stage', stage: key }, asking(doer)).state;
    given(recheck).refuses(grant, 'request_underway', { actor: boss });
    const worse = run(
      recheck,
      checked(recheck, key, (look) => isTag(look) || look.includes('sitemap')),
      asking(orderworks),
    ).state;
    expect(given(worse).refuses(grant, 'stage_not_ready', { actor: boss }).message).toContain('sitemap');
  });

  test('lapses when the work is recorded anew, and when the check passes after all', () => {
    const data = exampleOf(stageIn('seo', key));
    const anew = given(requested()).when({ type: 'complete-stage', stage: key, data }, doer).state;
    expect(stateOf(anew, key).exception).toBeUndefined();
    const recheck = run(requested(), { type: 'recheck-stage', stage: key }, asking(doer)).state;
    const passed = run(
      recheck,
      checked(recheck, key, () => false),
      asking(orderworks),
    ).state;
    expect(stateOf(passed, key).status).toBe('done');
    expect([stateOf(passed, key).exception, passed.exceptions]).toEqual([undefined, undefined]);
  });

  test('of a stage that the system leaves by itself takes the data, judged as ever', () => {
    const publish = failing('content', 'live', (look) => look.includes('may be indexed'));
    const asks = { type: 'request-exception', stage: 'live', evidence: 'Seen in Search Console' } as const;
    given(publish).refuses(asks, 'exit_data_invalid', { actor: mia, reason: why });
    const data = exampleOf(stageIn('content', 'live'));
    const asked = given(publish).when({ ...asks, data }, mia, why).state;
    const { state } = given(asked).when({ type: 'decide-exception', stage: 'live', decision: 'grant' }, boss);
    expect(state.status).toBe('live');
    expect(stateOf(state, 'live').data).toMatchObject(data);
  });

  test('holds in later looks: what it is for sends nothing back, anything else does', () => {
    const stage = 'link_verified';
    const isLink = (look: string) => look.includes('links to');
    expect(stageIn('backlinks', stage).lookAgain?.length).toBeGreaterThan(0);
    const found = failing('backlinks', stage, isLink);
    const data = exampleOf(stageIn('backlinks', stage));
    const evidence = 'Seen by eye';
    const asks = {
      type: 'request-exception',
      stage,
      evidence,
      ...(stageIn('backlinks', stage).finds && { data }),
    } as const;
    const asked = given(found).when(asks, mia, why).state;
    const done = given(asked).when({ type: 'decide-exception', stage, decision: 'grant' }, boss).state;
    const lookedAt = (fails: (look: string) => boolean) => {
      const looking = run(done, { type: 'recheck-stage', stage }, asking(doer)).state;
      return stateOf(run(looking, checked(looking, stage, fails), asking(orderworks)).state, stage);
    };
    expect(lookedAt(isLink)).toMatchObject({ status: 'done', check: { held: 1 } });
    expect(lookedAt((look) => !isLink(look)).check?.missedAt).toEqual(start);
  });
});

describe('whoever has to decide it', () => {
  test('is told by the explanation and an alert, which end with the decision', () => {
    const { blocker, unblock } = explain(requested(), start);
    expect(blocker).toContain(`mia has requested an exception from the check of "Tracking": ${why}`);
    expect(blocker).toContain('carries the tag G-AB12CD34EF');
    expect(unblock).toBe('Someone else looks at the evidence, then grants or refuses the exception.');
    expect(explain(requested(), start, { reader: 'client' }).blocker).not.toContain('mia');
    const kinds = (state: OrderState) => alarmsOf(workflowFor('seo'), state).map(({ kind }) => kind);
    expect(kinds(requested())).toContain('exception-requested');
    expect(kinds(granted())).not.toContain('exception-requested');
    expect(explain(failing(), start).unblock).toContain('If it cannot pass, request an exception with evidence.');
  });
});
