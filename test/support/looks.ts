/** What looks find when the world is as it should be, and the command that tells an order so. */

import { workflowFor } from '../../workflows/index.ts';
import { looksAt } from '../../workflows/rules/ask-check.ts';
import type { Command } from '../../workflows/words/commands.ts';
import { type Look, type Looked, sentenceOf } from '../../workflows/words/looks.ts';
import { type OrderState, stateOf } from '../../workflows/words/state.ts';

export const holding = (look: Look): Looked => {
  const facts: Looked['facts'] =
    look.look === 'answers' ? { status: 200, redirects: 0 } : look.look === 'backlink' ? { rel: '' } : {};
  return { look: sentenceOf(look), verdict: 'holds', found: 'as expected', facts };
};

export const failing = (look: Look, found = 'the answer is 404'): Looked => ({
  ...holding(look),
  ...{ verdict: 'fails', found, facts: {} },
});

export const untold = (look: Look): Looked => ({ ...failing(look, 'nobody answered'), verdict: 'unknown' });

export function looksOf(state: OrderState, key: string): Look[] {
  const stage = workflowFor(state.product, state.workflowVersion).stages.find((candidate) => candidate.key === key);
  return stage ? looksAt(stage, state, stateOf(state, key).data ?? {}) : [];
}

/** The check that is under way, with what each look finds. */
export function checked(
  state: OrderState,
  key: string,
  find: (look: Look) => Looked = holding,
): Command<'record-check'> {
  const { round, check } = stateOf(state, key);
  const results = looksOf(state, key).map((look) => find(look));
  return { type: 'record-check', stage: key, round, attempt: check?.attempt ?? 1, results };
}
