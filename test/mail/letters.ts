/** Letter data as the tests and the preview use it. */
import type { LetterData } from '../../mail/letter.ts';

export const letterData = (overrides: Partial<LetterData> = {}): LetterData => ({
  brand: { name: 'Nordlicht Digital', colour: '#0b6e4f' },
  recipient: 'Ann Example',
  client: 'Bäckerei Müller',
  product: 'Google Ads',
  order: { id: '01JD0EXAMPLEEXAMPLE7Q4K9ZT', title: 'Google Ads for the Altona branch' },
  timeZone: 'Europe/Berlin',
  url: 'https://portal.example/onboarding/abc_DEF-123',
  deadline: new Date('2026-12-04T13:00:00Z'),
  words: {},
  ...overrides,
});
