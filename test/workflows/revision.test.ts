/** A form that comes back: what nobody flagged stays as it was unless the client asks, and every change is shown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../kernel/ids.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import { revisionOf } from '../../workflows/words/revision.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';
import { anOrder, client, given, start } from '../support/given.ts';

const first = exampleOf(workflowFor('google_ads').stages[0]!);

const sent = (answers: Record<string, unknown>, round = 1, also: object = {}): OrderCommand => ({
  ...{ type: 'submit-form', stage: 'intake', round, link: 'l', response: `r-${round}`, hash: hashOf(answers), answers },
  ...also,
});

function returned(fields: string[] = ['goal']): OrderState {
  const { state } = given(anOrder('google_ads')).when(sent(first), client);
  const flags = fields.map((field) => ({ field, reason: 'Please look again.' }));
  return given(state).when(
    { type: 'review-form', stage: 'intake', decision: 'revise', ...(flags.length > 0 && { fields: flags }) },
    undefined,
    'Not yet.',
  ).state;
}

const again = (answers: Record<string, unknown>, also?: object) => sent({ ...first, ...answers }, 2, also);

describe('an answer of a form that came back', () => {
  test('is changed where it was flagged', () => {
    const { state } = given(returned()).when(again({ goal: 'forms' }), client);
    expect(stateOf(state, 'intake').data).toMatchObject({ goal: 'forms' });
  });

  test('is refused where nobody flagged it, in a sentence that names it, and nothing is stored', () => {
    const refusal = given(returned()).refuses(
      again({ goal: 'forms', languages: ['de'], monthly_budget: { amount: 1, currency: 'USD' } }),
      'exit_data_invalid',
      { actor: client },
    );
    expect(refusal.errors.map(({ pointer, rule }) => [pointer, rule]).toSorted()).toEqual(
      [
        ['/answers/languages', 'read_only'],
        ['/answers/monthly_budget/amount', 'read_only'],
      ].toSorted(),
    );
    expect(refusal.errors[0]?.message).toMatch(/^Leave this as it was, or ask to change it/);
  });

  test('is refused where it was left out or added unasked', () => {
    const { schedule: _, ...less } = { ...first, schedule: undefined };
    given(returned()).refuses(again({ schedule: 'Mornings' }), 'exit_data_invalid', { actor: client });
    const { phone: __, ...without } = less as Record<string, unknown>;
    given(returned()).refuses(sent(without, 2), 'exit_data_invalid', { actor: client });
  });

  test('is changed where the client asked to change it', () => {
    const { state } = given(returned()).when(again({ languages: ['de'] }, { opened: ['languages'] }), client);
    expect(stateOf(state, 'intake')).toMatchObject({
      data: { languages: ['de'] },
      revision: {
        asked: ['goal'],
        opened: ['languages'],
        changes: [{ at: '/languages', field: 'languages', before: ['en'], after: ['de'] }],
      },
    });
  });

  test('is any, where the whole form was returned', () => {
    const { state } = given(returned([])).when(again({ languages: ['de'], goal: 'sales' }), client);
    expect(
      stateOf(state, 'intake')
        .revision?.changes.map(({ field }) => field)
        .toSorted(),
    ).toEqual(['goal', 'languages']);
  });
});

describe('whoever reviews it', () => {
  test('reads what was changed, what nobody asked for, and what was left', () => {
    const blockerOf = (answers: object, opened: string[] = []) =>
      explain(given(returned(['goal', 'offers'])).when(again({ ...answers }, { opened }), client).state, start).blocker;
    expect(blockerOf({ goal: 'forms', languages: ['de'] }, ['languages'])).toContain(
      'Changed: Goal. Changed without being asked: Languages. Asked for and not changed: Offers.',
    );
    expect(blockerOf({})).toContain('Nothing was changed. Asked for and not changed: Goal, Offers.');
  });

  test('finds the names of the changes in the history, and the first version has none', () => {
    const { state } = given(anOrder('google_ads')).when(sent(first), client);
    expect(stateOf(state, 'intake').revision).toBeUndefined();
    const named = (answers: object) =>
      given(returned())
        .when(again({ ...answers }), client)
        .happened(expect.objectContaining({ type: 'form-submitted', changed: ['goal'] }), {
          type: 'onboarding-changed',
          to: 'received',
        });
    named({ goal: 'forms' });
  });

  test('is shown every difference between two versions, and nothing else', () => {
    const answers = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 3 }),
      fc.oneof(
        fc.string(),
        fc.integer(),
        fc.array(fc.string()),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 2 }), fc.integer()),
      ),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(answers, answers, (before, after) => {
        const { changes } = revisionOf({ data: before, flags: [] }, after, [])!;
        const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
          (key) =>
            JSON.stringify(before[key]) !== JSON.stringify(after[key]) && hashed(before[key]) !== hashed(after[key]),
        );
        expect([...new Set(changes.map(({ field }) => field))].toSorted()).toEqual(differing.toSorted());
      }),
    );
  });

  test('finds no change where the same answers come back, in any form', () => {
    for (const { product, stages } of Object.values(products).flat()) {
      for (const stage of stages.filter(({ gate }) => gate === 'form')) {
        const data = stage.exit!.parse(exampleOf(stage)) as Record<string, unknown>;
        const twice = stage.exit!.parse(data) as Record<string, unknown>;
        expect(revisionOf({ data, flags: [] }, twice, [])?.changes, `${product} ${stage.key}`).toEqual([]);
      }
    }
  });
});

const hashed = (value: unknown) => (value === undefined ? '' : hashOf(value));
