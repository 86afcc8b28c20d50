/** Asks for a decision, and says what either answer means and until when it may be given. */
import { momentIn, subjectOf, type Template, urlOf } from '../letter.ts';

export const approvalRequested: Template = {
  asks: true,
  whenUnknown: 'resend',
  body: (data) => ({
    subject: subjectOf(data, `your approval is needed for ${data.product}`),
    heading: data.step ?? 'Your approval is needed',
    paragraphs: [
      `The next step of ${data.product} for ${data.client} is ready. Please look at it and tell us whether we may go on.`,
    ],
    points: [
      { term: 'If you approve', text: 'We go on with exactly what is shown on the page.' },
      {
        term: 'If you ask for changes',
        text: 'We change what you name and show it to you again. Nothing starts before.',
      },
      ...(data.deadline ? [{ term: 'Please decide by', text: `${momentIn(data.timeZone, data.deadline)}.` }] : []),
    ],
    button: { label: 'Look and decide', url: urlOf(data) },
    afterwards: ['Opening the page decides nothing; only your answer on it does.'],
  }),
};
