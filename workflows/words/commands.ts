/**
 * Everything that can be asked of an order: one strict schema for each, and their union. The reason travels beside the
 * command, with who asks; unknown fields are refused, never dropped.
 */
import { z } from 'zod';
import { calendarNames } from '../time/calendars.ts';
import { mailAddress } from '../validators/mail-address.ts';
import { tag } from '../validators/tag.ts';
import { evidence, text } from '../validators/text.ts';
import { closings } from './closing.ts';
import { mailOutcomes } from './delivery.ts';
import { looked } from './looks.ts';

const stage = z.string().min(1).max(64);
const round = z.int().min(1);
const id = z.string().min(1).max(120);
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'Enter 64 hexadecimal characters.');
const seq = z.int().min(1);
const data = z.record(z.string(), z.unknown());
const comment = text(2_000);

/** Texts of a form that are kept in another form than they were typed in, each under the name of its control. */
const typed = z
  .array(z.strictObject({ field: z.string().min(1).max(200), text: z.string() }))
  .max(4_000)
  .optional();

export const person = z.strictObject({
  name: z.string().trim().min(1, 'Enter a name.').max(200, 'Use at most 200 characters.'),
  email: mailAddress,
});

/** What a link is counted under, such as utm_source. It is kept with the link, and is no part of its address. */
export const tracking = z
  .record(
    z.string().regex(/^[A-Za-z0-9_.-]{1,40}$/, 'Enter a name such as utm_source.'),
    z.string().trim().min(1, 'Enter a value.').max(200),
  )
  .refine((record) => Object.keys(record).length <= 10, 'Enter at most 10 entries.');

const title = z.string().trim().min(1, 'Enter a title.').max(300);

/** What another service calls the order, such as its invoice number. */
export const reference = z.string().trim().min(1, 'Enter a reference.').max(120, 'Use at most 120 characters.');

const createOrder = z.strictObject({
  type: z.literal('create-order'),
  product: z.string().min(1).max(64),
  tier: z.string().min(1).max(64),
  options: data.default({}),
  source: z.enum(['manual', 'store', 'import']),
  title,
  reference: reference.optional(),
  client: person,
  calendar: z.enum(calendarNames).optional(),
});

export const beginStage = z.strictObject({ type: z.literal('begin-stage'), stage });
export const completeStage = z.strictObject({ type: z.literal('complete-stage'), stage, data: data.default({}) });

const stageCommands = [
  beginStage,
  completeStage,
  z.strictObject({ type: z.literal('send-back'), stage, to: stage }),
  z.strictObject({ type: z.literal('skip-stage'), stage }),
  z.strictObject({
    type: z.literal('override-stage'),
    stage,
    action: z.enum(['complete', 'reopen', 'skip', 'move']),
  }),
  /** `dead` is what lies dead of the stage's work, each as it was seen: what has moved on since is left alone. */
  z.strictObject({
    type: z.literal('retry-stage'),
    stage,
    dead: z
      .array(z.strictObject({ id: z.string().min(1).max(200), generation: z.int().min(0) }))
      .max(100)
      .optional(),
  }),
  z.strictObject({ type: z.literal('restart-stage'), stage }),
  /** `data` only where the system would leave the stage with what its looks find. */
  z.strictObject({ type: z.literal('request-exception'), stage, evidence, data: data.optional() }),
  z.strictObject({ type: z.literal('decide-exception'), stage, decision: z.enum(['grant', 'refuse']) }),
  z.strictObject({ type: z.literal('revoke-exception'), stage }),
  z.strictObject({
    type: z.literal('resolve-outcome'),
    stage,
    outcome: z.enum(['done', 'not_done']),
    data: data.default({}),
  }),
  z.strictObject({ type: z.literal('remind'), stage, round, seq: seq.optional() }),
  z.strictObject({ type: z.literal('run-check'), stage, round }),
  z.strictObject({ type: z.literal('recheck-stage'), stage, round: round.optional(), seq: seq.optional() }),
  z.strictObject({
    type: z.literal('record-check'),
    stage,
    round,
    attempt: seq,
    results: z.array(looked).max(500),
    /** How long a site wants to be left alone, in ms. */
    wait: z.int().min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('record-answer'),
    stage,
    round,
    dispatch: id,
    asked: z.string().max(200).optional(),
    outcome: z.enum(['completed', 'failed', 'unknown']),
    data: data.default({}),
    note: comment.optional(),
  }),
  z.strictObject({ type: z.literal('review-answer'), stage, decision: z.enum(['accept', 'dismiss']) }),
  z.strictObject({
    type: z.literal('record-delivery'),
    stage,
    round,
    mail: z.string().min(1).max(300),
    seq,
    outcome: z.enum(mailOutcomes),
    about: z.string().max(64).optional(),
    rung: z.int().min(0).optional(),
    said: z.string().max(500).optional(),
  }),
] as const;

const formCommands = [
  z.strictObject({ type: z.literal('issue-link'), stage, recipient: person.optional(), tracking: tracking.optional() }),
  /** A client whose page has expired asks for another; it goes to whom that one was for. */
  z.strictObject({ type: z.literal('renew-page'), stage, round, recipient: person }),
  /** `to` is the address that it was made for. */
  z.strictObject({ type: z.literal('record-link'), stage, round, link: id, to: z.string().max(320).optional() }),
  z.strictObject({
    ...{ type: z.literal('submit-form'), stage, round, link: id, response: id, hash, answers: data, typed },
    /** Answers that nobody flagged and the client asks to change all the same. */
    opened: z.array(z.string().max(120)).max(500).optional(),
  }),
  z.strictObject({
    type: z.literal('review-form'),
    stage,
    decision: z.enum(['approve', 'revise']),
    fields: z
      .array(z.strictObject({ field: z.string().min(1).max(120), reason: comment }))
      .max(100)
      .optional(),
  }),
] as const;

const approvalCommands = [
  z.strictObject({ type: z.literal('request-approval'), stage, recipient: person.optional() }),
  z.strictObject({
    type: z.literal('record-approval'),
    stage,
    round,
    approval: id,
    to: z.string().max(320).optional(),
  }),
  z.strictObject({
    type: z.literal('decide-approval'),
    stage,
    round,
    approval: id,
    hash,
    decision: z.enum(['approve', 'changes']),
    comment: comment.optional(),
  }),
  z.strictObject({ type: z.literal('delegate-approval'), stage, round, approval: id, recipient: person }),
  z.strictObject({ type: z.literal('expire-approval'), stage, round, seq: seq.optional() }),
  z.strictObject({ type: z.literal('grant-round'), stage }),
] as const;

export const assignOrder = z
  .strictObject({
    type: z.literal('assign'),
    manager: id.nullable().optional(),
    specialists: z
      .array(z.strictObject({ staff: id, stage: stage.optional() }))
      .max(50)
      .optional(),
  })
  .refine(
    ({ manager, specialists }) => manager !== undefined || specialists !== undefined,
    'Send a manager, specialists, or both.',
  );

export const clearOrder = z.strictObject({ type: z.literal('clear') });

/** `stages` maps old stages to new ones; what is not named keeps its name, null drops it. */
export const migrateOrder = z.strictObject({
  type: z.literal('migrate-order'),
  version: z.int().min(1),
  stages: z.record(stage, stage.nullable()).optional(),
});

export const updateHint = 'Send a title, a client, or a reference.';

export function changesSomething(update: { title?: unknown; client?: unknown; reference?: unknown }): boolean {
  return update.title !== undefined || update.client !== undefined || update.reference !== undefined;
}

const orderCommands = [
  z
    .strictObject({
      type: z.literal('update-order'),
      title: title.optional(),
      client: person.optional(),
      reference: reference.optional(),
    })
    .refine(changesSomething, updateHint),
  /** The contact of the account is another: an order whose client was one of `formerly` follows. */
  z.strictObject({ type: z.literal('follow-place'), calendar: z.string().max(80), seq }),
  z.strictObject({ type: z.literal('follow-contact'), client: person, formerly: z.array(person).max(20) }),
  z.strictObject({
    type: z.literal('reschedule'),
    stage,
    days: z
      .int()
      .min(-60)
      .max(60)
      .refine((days) => days !== 0, 'Enter the business days to add or take away.'),
  }),
  assignOrder,
  z.strictObject({ type: z.literal('check-sla'), seq }),
  z.strictObject({ type: z.literal('check-inactivity'), seq }),
  /** `by`: who attested it, where somebody has. */
  z.strictObject({ type: z.literal('record-fact'), fact: id, holds: z.boolean(), seq, by: id.optional() }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('resume') }),
  z.strictObject({ type: z.literal('complete-order') }),
  z.strictObject({ type: z.literal('cancel') }),
  z.strictObject({ type: z.literal('undo-closing'), closing: z.enum(closings) }),
  migrateOrder,
  clearOrder,
  z.strictObject({
    type: z.literal('restore-values'),
    operation: id,
    fields: z.array(z.strictObject({ path: z.string(), was: z.unknown().optional(), written: z.string() })).min(1),
  }),
] as const;

const tags = z.array(tag).max(20, 'Enter at most 20 tags at once.').default([]);

export const priorities = ['low', 'normal', 'high', 'urgent'] as const;

export const labelCommands = [
  z
    .strictObject({ type: z.literal('tag-order'), add: tags, remove: tags })
    .refine(({ add, remove }) => add.length + remove.length > 0, 'Enter tags to add or to remove.'),
  z.strictObject({ type: z.literal('note-order'), text: comment }),
  z.strictObject({ type: z.literal('set-priority'), priority: z.enum(priorities) }),
  z.strictObject({
    type: z.literal('set-due-date'),
    dueOn: z.iso.date('Enter a day such as 2026-03-31, or null.').nullable(),
  }),
] as const;

export const orderCommand = z.discriminatedUnion('type', [
  createOrder,
  ...stageCommands,
  ...formCommands,
  ...approvalCommands,
  ...orderCommands,
  ...labelCommands,
]);

export type OrderCommand = z.output<typeof orderCommand>;
/** A command about one stage. */
export type StageCommand = Extract<OrderCommand, { stage: string }>;
/** The command of one type: `Command<'submit-form'>`. */
export type Command<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;
