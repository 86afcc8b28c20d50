/** Rules of what staff put on an order for each other: tags, notes, a priority, a promised day. None of it moves a stage. */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { Scene } from '../engine/scene.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';

const mostTags = 50;

/** History knows how many: somebody will put a name into a tag. */
export function tagOrder({ state }: Scene, { add, remove }: Command<'tag-order'>): Happening[] {
  const tags = state.tags ?? [];
  const added = [...new Set(add)].filter((tag) => !tags.includes(tag) && !remove.includes(tag));
  const removed = [...new Set(remove)].filter((tag) => tags.includes(tag));
  if (added.length + removed.length === 0) throw new Refusal('nothing_changed', 'The order already has these tags.');
  if (tags.length - removed.length + added.length > mostTags) {
    throw new Refusal('invalid_request', `An order has at most ${mostTags} tags.`, [
      { pointer: '/add', rule: 'too_many', message: `Remove tags first. An order can have at most ${mostTags}.` },
    ]);
  }
  const event = { type: 'order-tagged', added: added.length, removed: removed.length } as const;
  return [{ event, tags: [...tags.filter((tag) => !removed.includes(tag)), ...added] }];
}

/** The words may name people: history has their hash, the order has them. */
export function noteOrder({ asked }: Scene, { text }: Command<'note-order'>): Happening[] {
  return [{ event: { type: 'order-noted', hash: hashOf(text), by: asked.actor.id }, note: text }];
}

export function setPriority({ state }: Scene, { priority }: Command<'set-priority'>): Happening[] {
  const from = state.priority ?? 'normal';
  if (from === priority) throw new Refusal('nothing_changed', `The priority is already ${priority}.`);
  return [{ event: { type: 'priority-set', from, to: priority } }];
}

export function setDueDate({ state }: Scene, { dueOn }: Command<'set-due-date'>): Happening[] {
  const from = state.dueOn ?? null;
  if (from === dueOn) throw new Refusal('nothing_changed', `The due date is already ${dueOn ?? 'not set'}.`);
  return [{ event: { type: 'due-date-set', from, to: dueOn } }];
}
