/** Tells the client that an order has ended, so that nobody goes on working for it. */
import { subjectOf, type Template } from '../letter.ts';

export const orderCancelled: Template = {
  asks: false,
  whenUnknown: 'hold',
  body: (data) => ({
    subject: subjectOf(data, `the order for ${data.product} is cancelled`),
    heading: 'The order is cancelled',
    paragraphs: [
      `The order for ${data.product} for ${data.client} has been cancelled. We have stopped working on it.`,
      ...(data.words['reason'] ? [`Reason: ${data.words['reason']}`] : []),
      'Links and forms that we sent you for it no longer work. If this is a mistake, please reply to this email.',
    ],
  }),
};
