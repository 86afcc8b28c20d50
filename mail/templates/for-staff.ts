/** Tells those who look after an order that it is late or stands still: what blocks it, what was tried, what would help. */
import { subjectOf, type Template } from '../letter.ts';

type Matter = 'sla-warned' | 'sla-breached' | 'sla-escalated' | 'client-silent';

const words: Record<Matter, { matter: string; heading: string }> = {
  'sla-warned': { matter: 'almost out of time:', heading: 'Almost out of time' },
  'sla-breached': { matter: 'overdue:', heading: 'Overdue' },
  'sla-escalated': { matter: 'more than a day overdue:', heading: 'More than a day overdue' },
  'client-silent': { matter: 'no answer from the client on', heading: 'The client has not answered' },
};

export function forStaff(about: Matter): Template {
  const { matter, heading } = words[about];
  return {
    asks: true,
    explains: true,
    whenUnknown: 'resend',
    body: (data) => {
      const { blocker, unblock, tried } = data.why ?? {
        blocker: 'See the order.',
        unblock: 'See the order.',
        tried: [],
      };
      return {
        subject: subjectOf(data, `${matter} ${data.product}`),
        heading,
        paragraphs: [`This is about ${data.product} for ${data.client}${data.step ? `, at "${data.step}"` : ''}.`],
        points: [
          { term: 'What blocks it', text: blocker },
          ...(tried.length > 0 ? [{ term: 'What was tried', text: tried.join(' ') }] : []),
          { term: 'What would help', text: unblock },
        ],
      };
    },
  };
}
