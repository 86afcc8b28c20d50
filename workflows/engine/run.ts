/**
 * One command, from asking to the change to commit: decide, let follow what follows by itself, and collect the events
 * and the effects. Pure; the same question on the same state always has the same answer. A second asking under the
 * same work id is the caller's business: it is found in the document's `applied`.
 */

import { Refusal } from '../../kernel/errors.ts';
import { workflowFor } from '../index.ts';
import { create } from '../rules/decide-order.ts';
import type { Command, OrderCommand } from '../words/commands.ts';
import type { OrderState } from '../words/state.ts';
import { decide } from './decide.ts';
import { migrateOrder } from './migrate.ts';
import type { CommandContext } from './scene.ts';
import { type Change, unfold } from './unfold.ts';

/** What `command` does to the order, or a thrown Refusal. `state` is undefined only for `create-order`. */
export function run(state: OrderState | undefined, command: OrderCommand, asked: CommandContext): Change {
  if (command.type === 'create-order') return open(state, command, asked);
  if (!state) throw new Refusal('order_not_found', `There is no order for ${command.type}.`);
  if (command.type === 'migrate-order') return migrateOrder(state, command, asked);
  const workflow = workflowFor(state.product, state.workflowVersion);
  return unfold(workflow, state, {
    first: decide({ workflow, state, asked }, command),
    at: asked.at,
    work: asked.work,
    actor: asked.actor,
  });
}

function open(state: OrderState | undefined, command: Command<'create-order'>, asked: CommandContext): Change {
  if (state) throw new Refusal('order_exists', 'The order already exists.');
  const workflow = workflowFor(command.product);
  return unfold(workflow, undefined, { first: create(workflow, command, asked), at: asked.at, work: asked.work });
}
