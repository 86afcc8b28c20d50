/**
 * Takes up what was given up of a stage, when somebody retries it. Each item is named with the generation it died in, so
 * that running this twice opens nothing that has died again since. What was done once stays done, and what nobody knows
 * the outcome of stays where it is, for a person.
 */
import type { WorkItem } from '../../kernel/work.ts';
import type { Payload } from '../../queues/contract.ts';
import { sortOut } from '../../queues/replays.ts';
import type { setup } from '../../queues/setup.ts';
import type { Context } from './context.ts';

export async function reopen(
  { order, stage, items, why }: Payload<typeof setup, 'reopen'>,
  { _id: work, actor }: WorkItem,
  { models, clock }: Context,
) {
  const isNamed = ({ _id, generation }: WorkItem) =>
    items.some((named) => named.id === _id && named.generation === generation);
  const found = (await models.deadLetters.ofStage(order, stage)).filter(isNamed);
  const { again, finished, unknown } = await sortOut(found, models);
  const reason = why ?? `"${stage}" is tried again.`;
  await models.deadLetters.intervene(again, { action: 'replay', actor, reason, at: clock.now(), work });
  const result = { again: again.length, finished: finished.length, unknown: unknown.length };
  return { status: 'done' as const, result };
}
