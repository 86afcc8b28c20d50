/** A form of an order as staff and accounts see it: pending, sent, received, to be revised, approved. */

import { z } from 'zod';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import { isForm } from '../../workflows/gates/form.ts';
import { undelivered } from '../../workflows/words/mails.ts';
import type { StageState } from '../../workflows/words/state.ts';
import { revision, viewOfRevision } from './order.ts';
import { stageTitle } from './store.ts';
import { iso, time } from './wire.ts';

export const form = z
  .object({
    order: z.string(),
    account: z.string(),
    stage: z.string(),
    title: z.string(),
    status: z.enum(['pending', 'sent', 'received', 'needs_revision', 'approved']),
    round: z.int(),
    sentTo: z
      .string()
      .optional()
      .describe(
        'The address that the link was made for. Absent while there is no link, and once it is not kept any more.',
      ),
    updatedAt: time,
    flags: z.array(z.object({ field: z.string(), reason: z.string() })).optional(),
    answers: z.record(z.string(), z.unknown()).optional(),
    revision: revision
      .extend({
        changes: z
          .array(
            z.object({
              at: z.string(),
              field: z.string(),
              before: z.unknown().optional(),
              after: z.unknown().optional(),
            }),
          )
          .optional()
          .describe('Each change, with the answer before and after; with the answers only.'),
      })
      .optional()
      .describe('What is new against the version before, once a form that came back is sent in.'),
    tracking: z.record(z.string(), z.string()).optional().describe('Tracking parameters of the link.'),
  })
  .meta({ id: 'OnboardingForm' });

export type FormView = z.infer<typeof form>;

export interface FormDetails {
  withAnswers?: boolean;
  /** The links of the orders: what is said of a link is read from it. */
  links: readonly Link[];
}

export function formsOf({ _id, account, state }: Order, { withAnswers = false, links }: FormDetails): FormView[] {
  const forms = state.stages.filter(isForm);
  return forms.map((is) => ({
    ...{ order: _id, account, stage: is.key, title: stageTitle(state, is.key) ?? is.key, status: statusOf(is) },
    round: is.round,
    updatedAt: iso(is.since ?? state.createdAt),
    ...(is.flags && is.flags.length > 0 && { flags: is.flags }),
    ...(withAnswers && is.data && { answers: is.data }),
    ...(is.revision && {
      revision: { ...viewOfRevision(is.revision), ...(withAnswers && { changes: is.revision.changes }) },
    }),
    ...ofLink(links.find(({ _id: id }) => id === is.link)),
  }));
}

const ofLink = (link: Link | undefined) =>
  link && { sentTo: link.recipient.email, ...(link.tracking && { tracking: link.tracking }) };

function statusOf(is: StageState): FormView['status'] {
  const { status, round, response, link } = is;
  if (status === 'done' || status === 'skipped') return 'approved';
  if (status === 'in_review') return 'received';
  if (round > 1 && response) return 'needs_revision';
  return link && !undelivered(is) ? 'sent' : 'pending';
}
