/** Tells the client that everything is set up. */
import { subjectOf, type Template } from '../letter.ts';

export const setupComplete: Template = {
  asks: false,
  whenUnknown: 'resend',
  body: (data) => ({
    subject: subjectOf(data, `${data.product} is live`),
    heading: `${data.product} is live`,
    paragraphs: [
      `${data.product} for ${data.client} is set up and running.`,
      'There is nothing you need to do. If you have questions, just reply to this email.',
    ],
  }),
};
