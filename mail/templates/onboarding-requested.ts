/** Asks a client for the details that setup begins with. */
import { momentIn } from '../../kernel/moment.ts';
import { subjectOf, type Template, urlOf } from '../letter.ts';

export const onboardingRequested: Template = {
  asks: true,
  whenUnknown: 'resend',
  body: (data) => ({
    subject: subjectOf(data, `details needed to start ${data.product}`),
    heading: `Let's start ${data.product}`,
    paragraphs: [
      `Thank you for ordering ${data.product} for ${data.client}. To set it up we need some details from you.`,
      'Everything is on one page. Nothing is sent until you press the button at the end.',
    ],
    button: { label: 'Fill in the form', url: urlOf(data) },
    afterwards: [
      ...(data.deadline ? [`You can open the page until ${momentIn(data.timeZone, data.deadline)}.`] : []),
      'This link is only for you. Please do not share it.',
    ],
  }),
};
