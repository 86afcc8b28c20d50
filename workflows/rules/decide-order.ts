/** Rules of the order as a whole: what may be ordered, pausing and resuming, and the ways it ends. */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { CommandContext, Scene } from '../engine/scene.ts';
import { isOneOf } from '../gates/reader.ts';
import type { Workflow } from '../graph/workflow.ts';
import { calendarNames, isCalendarName } from '../time/calendars.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { subscriptionFact } from '../words/facts.ts';
import { parseOr } from '../words/field-errors.ts';
import { oneOf } from '../words/messages.ts';
import { requireReason } from './guards.ts';

/** The order works by the calendar that it was given by hand, or else by that of its account's place. */
export function create(
  workflow: Workflow,
  command: Command<'create-order'>,
  asked: Pick<CommandContext, 'calendar'>,
): Happening[] {
  const { product, tier, source, title, reference, client, calendar = asked.calendar } = command;
  if (!workflow.tiers.includes(tier)) {
    const message = `Use ${oneOf(workflow.tiers)}.`;
    throw new Refusal('unknown_tier', `${product} has no tier "${tier}". ${message}`, [
      { pointer: '/tier', rule: 'not_offered', message },
    ]);
  }
  const options = parseOr(workflow.options, command.options, { code: 'invalid_request', under: '/options' });
  const stages = workflow.stages.map(({ key, gate }) => ({ key, gate }));
  const order = { title, ...(reference !== undefined && { reference }), client, options, calendar };
  const hash = hashOf({ title, client, options });
  const workflowVersion = workflow.version;
  return [{ event: { type: 'order-created', product, tier, workflowVersion, source, stages, hash }, order }];
}

/** Title, client and reference of the order. Asking for what is so already is refused, so that nothing is changed to itself. */
export function updateOrder({ state }: Scene, { title, client, reference }: Command<'update-order'>): Happening[] {
  const asked = Object.entries({ title, client, reference }).filter(([, value]) => value !== undefined);
  const isNew = ([field, value]: [string, unknown]) =>
    hashOf(value) !== hashOf(state[field as 'title' | 'client' | 'reference']);
  const update = Object.fromEntries(asked.filter(isNew)) as Pick<typeof state, 'title' | 'client' | 'reference'>;
  if (Object.keys(update).length === 0) throw new Refusal('nothing_changed', 'The order already has these values.');
  return [{ event: { type: 'order-updated', fields: Object.keys(update), hash: hashOf(update) }, update }];
}

/** An order whose client the contact of the account was goes with it; one that has a client of its own does not. */
export function followContact({ state }: Scene, { client, formerly }: Command<'follow-contact'>): Happening[] {
  if (!isOneOf(formerly, state.client, client)) {
    throw new Refusal('superseded', 'The client of the order is not a former contact of the account.');
  }
  const update = { client };
  return [{ event: { type: 'order-updated', fields: ['client'], hash: hashOf(update) }, update }];
}

/** From now on it is worked on by the calendar of the place that its account is in, unless it was given one by hand. */
export function followPlace({ state }: Scene, { calendar, seq }: Command<'follow-place'>): Happening[] {
  const { calendar: from, calendarSeq = 0 } = state;
  if (!isCalendarName(calendar)) {
    const message = 'Use a country and a time zone such as DE@Europe/Berlin.';
    throw new Refusal('invalid_request', `"${calendar}" is no calendar. ${message}`, [
      { pointer: '/calendar', rule: 'not_offered', message },
    ]);
  }
  if (from === calendar || seq <= calendarSeq || calendarNames.some((name) => name === from)) {
    throw new Refusal('superseded', `The order is worked on by the calendar ${from ?? 'it was made with'}.`);
  }
  return [{ event: { type: 'calendar-set', ...(from && { from }), to: calendar, seq } }];
}

export function pause({ asked }: Scene): Happening[] {
  const note = requireReason(asked, 'pause an order');
  return [{ event: { type: 'order-paused', by: 'person' }, note }];
}

export function resume({ state }: Scene): Happening[] {
  if (state.status !== 'paused') throw new Refusal('order_not_paused', `The order is ${state.status}.`);
  if (state.facts?.[subscriptionFact]?.holds === false) {
    throw new Refusal('subscription_inactive', 'The subscription is not active. The order continues when it is.');
  }
  return [{ event: { type: 'order-resumed', to: state.pausedFrom ?? 'setup' } }];
}

/** Recorded whether or not a stage waits for it, so that it does not matter which of the two comes first. */
export function recordFact({ state }: Scene, { fact, holds, seq, by }: Command<'record-fact'>): Happening[] {
  const known = state.facts?.[fact];
  if (known && known.seq >= seq)
    throw new Refusal('superseded', `"${fact}" is already known under number ${known.seq}.`);
  const recorded: Happening = { event: { type: 'fact-recorded', fact, holds, seq, ...(by !== undefined && { by }) } };
  if (fact !== subscriptionFact) return [recorded];
  if (!holds && state.status !== 'paused') return [recorded, { event: { type: 'order-paused', by: 'subscription' } }];
  if (!holds || state.pausedBy !== 'subscription') return [recorded];
  return [recorded, { event: { type: 'order-resumed', to: state.pausedFrom ?? 'setup' } }];
}

export function completeOrder({ state }: Scene): Happening[] {
  if (state.status !== 'live') throw new Refusal('order_not_live', `The order is ${state.status}.`);
  return [{ event: { type: 'order-completed' } }];
}

export function cancel({ asked }: Scene): Happening[] {
  const note = requireReason(asked, 'cancel an order');
  return [{ event: { type: 'order-cancelled' }, note }];
}

/** Takes the order out of every list. It is kept, with its history, so that it can be looked at and brought back. */
export function clear({ state, asked }: Scene): Happening[] {
  if (state.clearedAt) throw new Refusal('order_closed', 'The order is already cleared.');
  const note = requireReason(asked, 'clear an order');
  return [{ event: { type: 'order-cleared' }, note }];
}
