/** Asks for a decision, and says what either answer means and until when it may be given. */
import { momentIn } from '../../kernel/moment.ts';
import { subjectOf, type Template, urlOf } from '../letter.ts';

export const approvalRequested: Template = {
  asks: true,
  whenUnknown: 'resend',
  body: (data) => ({
    subject: subjectOf(data, `your approval is needed for ${data.product}`),
    heading: data.step ?? 'Your approval is needed',
    paragraphs: [
      `The next step of ${data.product} for ${data.client} is ready. Please review it and tell us whether we can continue.`,
    ],
    points: [
      { term: 'If you approve', text: 'We continue with exactly what the page shows.' },
      {
        term: 'If you ask for changes',
        text: 'We make your changes and show you the result. Nothing starts until you approve it.',
      },
      ...(data.deadline ? [{ term: 'Please decide by', text: `${momentIn(data.timeZone, data.deadline)}.` }] : []),
    ],
    button: { label: 'Review and decide', url: urlOf(data) },
    afterwards: ['Opening the page does not decide anything; only your answer does.'],
  }),
};
