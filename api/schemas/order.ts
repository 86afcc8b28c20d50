/** An order as callers see it: named fields only, so that nothing of the document gets out by accident. */
import { z } from 'zod';
import type { Order } from '../../models/order.ts';
import { noteCountOf } from '../../workflows/rules/notes.ts';
import type { Explanation } from '../../workflows/telling/explain.ts';
import { type Asking, askingOf } from '../../workflows/telling/page.ts';
import { closings, lastClosing, undoUntil } from '../../workflows/words/closing.ts';
import { priorities } from '../../workflows/words/commands.ts';
import { deeds } from '../../workflows/words/contributions.ts';
import { type Delivery, mailOutcomes } from '../../workflows/words/delivery.ts';
import type { Exception } from '../../workflows/words/exceptions.ts';
import type { Revision } from '../../workflows/words/revision.ts';
import type { Assignment, OrderState, Reminder, StageCheck, StageState } from '../../workflows/words/state.ts';
import { id, iso, isoOrNone, time } from './wire.ts';

export const person = z.object({ name: z.string(), email: z.string() });

const delivery = z
  .object({
    outcome: z.enum(mailOutcomes),
    at: time,
    mail: z.string(),
    said: z.string().optional().describe("The mail server's own words."),
  })
  .meta({ id: 'MailDelivery' });

export const revision = z
  .object({
    asked: z.array(z.string()).describe('The answers that were flagged; none where the whole form was returned.'),
    opened: z.array(z.string()).describe('The answers that the client asked to change besides.'),
    changed: z.array(z.string()).describe('The answers that differ from the version before.'),
  })
  .meta({ id: 'FormRevision' });

export const stage = z
  .object({
    key: z.string(),
    gate: z.string(),
    status: z.string(),
    round: z.int(),
    holder: z.string().optional(),
    waitingFor: z.string().optional(),
    since: time.optional(),
    note: z.string().optional(),
    flags: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
    revision: revision.optional().describe('What is new in a form that came back.'),
    link: z.string().optional(),
    approval: z.string().optional(),
    late: z
      .object({ by: z.string(), at: time, data: z.record(z.string(), z.unknown()), note: z.string().optional() })
      .optional()
      .describe('That it was done after all, said when nobody waited for it any more. Accept it or dismiss it.'),
    recipient: person.optional().describe('Who is asked now: the client, or whoever was named instead.'),
    expiresAt: time
      .optional()
      .describe(
        'Until when the stage waits for the answer. Absent where it waits until somebody acts, and in a pause.',
      ),
    delivery: delivery.optional().describe('What became of the email that asks the client.'),
    reminders: z
      .array(z.object({ about: z.string(), rung: z.int(), to: z.string(), at: time, delivery: delivery.optional() }))
      .optional()
      .describe('The reminders of this round. One without `delivery` has not gone out.'),
    exception: z
      .object({
        state: z.enum(['requested', 'granted']),
        looks: z.array(z.string()).describe('What of the check it is for.'),
        ...{ reason: z.string(), evidence: z.string(), requestedBy: z.string(), requestedAt: time },
        ...{ grantedBy: z.string().optional(), grantedAt: time.optional() },
      })
      .optional()
      .describe('An exception from the check: asked for by one person, granted by another.'),
    contributors: z
      .array(z.object({ by: z.string(), did: z.enum(deeds), round: z.int(), at: time }))
      .optional()
      .describe('Who of the team has worked on it, and how; a check that vouches for it is passed by nobody of these.'),
    check: z
      .object({
        attempt: z.int().describe('How many times it was checked in this round.'),
        isUnderway: z.boolean(),
        askedAt: time,
        againAt: time.optional().describe('When the next automatic check runs.'),
        looked: z.array(z.object({ look: z.string(), verdict: z.string(), found: z.string() })).optional(),
      })
      .optional()
      .describe('What was checked: what was expected and what was found.'),
  })
  .meta({ id: 'Stage' });

export const why = z
  .object({
    stage: z.string().optional(),
    blocker: z.string().describe('What blocks the order.'),
    holder: z.string().describe('Who holds the ball.'),
    since: time,
    tried: z.array(z.string()),
    next: z.object({ what: z.string(), at: time.optional() }).optional().describe('What happens next automatically.'),
    unblock: z.string().describe('The one action that would unblock the order.'),
  })
  .meta({ id: 'Why' });

export const order = z
  .object({
    id,
    agency: z.string(),
    account: z.string(),
    accountName: z.string().optional().describe('Absent if the account does not exist.'),
    title: z.string(),
    product: z.string(),
    tier: z.string(),
    options: z.record(z.string(), z.unknown()),
    source: z.enum(['manual', 'store', 'import']),
    reference: z.string().optional().describe('The reference that another service gave the order.'),
    client: person,
    status: z.string(),
    onboarding: z.string(),
    stage: z.string().optional().describe('The first stage that is not finished; absent if all are.'),
    holder: z.string().optional().describe('Who holds the ball.'),
    holderSince: time.optional(),
    manager: z.string().optional().describe("The order's manager."),
    assignments: z
      .array(
        z.object({
          ...{ staff: z.string(), as: z.enum(['manager', 'specialist']), stage: z.string().optional() },
          ...{ from: time, to: time.optional() },
        }),
      )
      .describe('Who is responsible, and who was.'),
    why: why.describe('Why the order is in this state.'),
    tags: z.array(z.string()).optional(),
    notes: z
      .array(z.object({ text: z.string(), by: z.string(), at: time }))
      .optional()
      .describe('The newest 50, the newest last. `GET …/notes` lists every one.'),
    noteCount: z.int().describe('How many notes the order has in all.'),
    priority: z.enum(priorities),
    dueOn: z.string().optional().describe('The promised date.'),
    slaDueAt: time.optional().describe('When the budget of the open stage is used up; absent while it does not run.'),
    overrides: z.int(),
    exceptions: z.int().describe('How many exceptions from checks were granted.'),
    version: z.int(),
    stages: z.array(stage),
    createdAt: time,
    lastActivityAt: time,
    liveAt: time.optional(),
    closedAt: time.optional(),
    clearedAt: time.optional(),
    undo: z
      .object({ closing: z.enum(closings), until: time })
      .optional()
      .describe('What ended the order, and until when that can be undone.'),
    links: z.object({ self: z.string(), progress: z.string() }),
  })
  .meta({ id: 'Order' });

export type OrderView = z.infer<typeof order>;

export function viewOfOrder(
  { _id, agency, account, version, state }: Order,
  explanation: Explanation,
  accountName?: string,
): OrderView {
  const self = `/v1/admin/orders/${_id}`;
  return {
    ...{ id: _id, agency, account, version, ...(accountName !== undefined && { accountName }) },
    ...{ title: state.title, product: state.product, tier: state.tier, options: state.options },
    ...{
      source: state.source,
      reference: state.reference,
      client: state.client,
      status: state.status,
      onboarding: state.onboarding,
    },
    ...{ stage: state.stage, holder: state.holder, holderSince: isoOrNone(state.holderSince) },
    ...{ manager: state.manager, assignments: (state.assignments ?? []).map(viewOfAssignment) },
    why: viewOfWhy(explanation),
    ...{ tags: state.tags, priority: state.priority ?? 'normal', dueOn: state.dueOn, overrides: state.overrides },
    exceptions: state.exceptions ?? 0,
    slaDueAt: isoOrNone(state.slaDueAt ?? undefined),
    notes: state.notes?.map(({ text, by, at }) => ({ text, by, at: iso(at) })),
    noteCount: noteCountOf(state),
    stages: state.stages.map((stage) => viewOfStage(stage, askingOf(state, stage))),
    createdAt: iso(state.createdAt),
    lastActivityAt: iso(state.lastActivityAt),
    ...{ liveAt: isoOrNone(state.liveAt), closedAt: isoOrNone(state.closedAt), clearedAt: isoOrNone(state.clearedAt) },
    ...undoOf(state),
    links: { self, progress: `${self}/setup-progress` },
  };
}

function undoOf(state: OrderState): Pick<OrderView, 'undo'> {
  const last = lastClosing(state);
  return last ? { undo: { closing: last.how, until: iso(undoUntil(last)) } } : {};
}

const viewOfAssignment = ({ staff, as, stage: key, from, to }: Assignment) => ({
  ...{ staff, as, stage: key, from: iso(from), to: isoOrNone(to) },
});

export function viewOfWhy({ since, next, ...words }: Explanation): z.infer<typeof why> {
  return { ...words, since: iso(since), ...(next && { next: { what: next.what, at: isoOrNone(next.at) } }) };
}

export function viewOfStage(state: StageState, { recipient, expiresAt }: Asking): z.infer<typeof stage> {
  const { key, gate, status, round, holder, waitingFor, since, note, flags, link, approval, check, late } = state;
  const seen = {
    ...(state.delivery && { delivery: viewOfDelivery(state.delivery) }),
    ...(state.reminders && { reminders: state.reminders.map(viewOfReminder) }),
    ...(state.revision && { revision: viewOfRevision(state.revision) }),
    ...(state.exception && { exception: viewOfException(state.exception) }),
    ...(state.contributors && { contributors: state.contributors.map((one) => ({ ...one, at: iso(one.at) })) }),
    ...(check && { check: viewOfCheck(check) }),
    ...(late && { late: { by: late.by, at: iso(late.at), data: late.data, note: late.note } }),
  };
  return {
    key,
    gate,
    status,
    round,
    holder,
    waitingFor,
    since: isoOrNone(since),
    note,
    flags,
    link,
    approval,
    ...(recipient && { recipient }),
    expiresAt: isoOrNone(expiresAt),
    ...seen,
  };
}

const viewOfException = ({ data: _, requestedAt, grantedAt, ...exception }: Exception) => ({
  ...{ state: exception.grantedBy === undefined ? ('requested' as const) : ('granted' as const), ...exception },
  ...{ requestedAt: iso(requestedAt), grantedAt: isoOrNone(grantedAt) },
});

export const viewOfRevision = ({ asked, opened, changes }: Revision): z.infer<typeof revision> => ({
  ...{ asked, opened, changed: [...new Set(changes.map(({ field }) => field))] },
});

const viewOfDelivery = ({ outcome, at, mail, said }: Delivery) => ({
  ...{ outcome, at: iso(at), mail, ...(said && { said }) },
});

const viewOfReminder = ({ about, rung, to, at, delivery: known }: Reminder) => ({
  ...{ about, rung, to, at: iso(at), ...(known && { delivery: viewOfDelivery(known) }) },
});

function viewOfCheck({ attempt, isUnderway, askedAt, againAt, looked }: StageCheck) {
  const found = looked?.map(({ look, verdict, found }) => ({ look, verdict, found }));
  return { attempt, isUnderway, askedAt: iso(askedAt), againAt: isoOrNone(againAt), looked: found };
}

/** The version as an entity tag. */
export const etagOf = ({ version }: { version: number }): string => `"${version}"`;
