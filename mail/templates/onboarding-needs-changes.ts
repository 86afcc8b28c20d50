/** Sends a form back to the client: which answers, and why each. */
import { labelOf } from '../../kernel/labels.ts';
import { momentIn } from '../../kernel/moment.ts';
import { subjectOf, type Template, urlOf } from '../letter.ts';

export const onboardingNeedsChanges: Template = {
  asks: true,
  whenUnknown: 'resend',
  body: (data) => ({
    subject: subjectOf(data, `please correct the details for ${data.product}`),
    heading: 'A few details need another look',
    paragraphs: [
      `Thank you for the details for ${data.product}. Before we can continue, we need the following from you.`,
      ...(data.note ? [data.note] : []),
    ],
    points: (data.flags ?? []).map(({ field, reason }) => ({ term: labelOf(field), text: reason })),
    button: { label: 'Correct the form', url: urlOf(data) },
    afterwards: [
      'We kept your other answers; you do not need to enter them again.',
      ...(data.deadline ? [`You can open the page until ${momentIn(data.timeZone, data.deadline)}.`] : []),
    ],
  }),
};
