/** A believable letter's data: what the preview shows and the tests vary. Nobody in it exists. */
import type { LetterData } from './letter.ts';

export const sample: LetterData = {
  brand: { name: 'Nordlicht Digital', colour: '#0b6e4f' },
  recipient: 'Käthe Müller',
  client: 'Bäckerei Müller',
  product: 'Google Ads',
  order: { id: '01JD0EXAMPLEEXAMPLE7Q4K9ZT', title: 'Google Ads for the Altona branch' },
  step: 'Approve plan and spend',
  timeZone: 'Europe/Berlin',
  url: 'https://portal.nordlicht.example/onboarding/q0Jm3Zb1yQ9rX4v7T2sLw8KcUe5NdHgA6PfRiVxYtBo',
  deadline: new Date('2026-12-04T13:00:00Z'),
  flags: [
    { field: 'landing_urls', reason: 'The second page answers 404. Please give one that opens.' },
    { field: 'monthly_budget', reason: 'It is below the minimum of your package.' },
  ],
  note: 'Nearly there: only two things are missing.',
  why: {
    blocker: 'The client has not decided on "Approve plan and spend" yet.',
    unblock: 'The client approves, or asks for changes, on the approval page.',
    tried: ['The approval was requested.'],
  },
  words: {},
};
