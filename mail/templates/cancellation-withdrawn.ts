/** Corrects the letter that an order is cancelled, to a client who got it. */
import { subjectOf, type Template } from '../letter.ts';

export const cancellationWithdrawn: Template = {
  asks: false,
  whenUnknown: 'hold',
  body: (data) => ({
    subject: subjectOf(data, `the order for ${data.product} continues`),
    heading: 'The order continues',
    paragraphs: [
      `We wrote to you that the order for ${data.product} for ${data.client} is cancelled. That no longer holds: the order continues where it was.`,
      'Links and forms that we sent you before work again. Where one has expired, its page offers you a new one.',
      'There is nothing you need to do now. If you have questions, just reply to this email.',
    ],
  }),
};
