import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LetterData } from '../../mail/letter.ts';
import { letter, templates } from '../../mail/render.ts';
import { sample } from '../../mail/samples.ts';

const letterData = (overrides: Partial<LetterData> = {}): LetterData => ({ ...sample, ...overrides });
const names = Object.keys(templates);

describe('every letter', () => {
  test.each(names)('%s names the client, the product and the order in its subject', (name) => {
    const { subject } = letter(name, letterData());
    expect(subject).toContain('Bäckerei Müller');
    expect(subject).toContain('Google Ads');
    expect(subject).toContain('(order 7Q4K9ZT)');
  });

  test.each(names)('%s is signed by the agency, in text and in HTML', (name) => {
    const { text, html } = letter(name, letterData());
    expect(text).toContain('Kind regards\nNordlicht Digital');
    expect(html).toContain('Nordlicht Digital');
    expect(html).toContain('#0b6e4f');
  });

  test('never lets a word from outside become markup or a header', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ unit: 'grapheme' }), fc.string(), (name, word, other) => {
        const evil = `${word}<script>${other}`;
        const data = letterData({
          brand: { name: evil, colour: evil, logoUrl: evil, words: { greeting: evil, closing: evil, footer: evil } },
          recipient: evil,
          client: evil,
          product: evil,
          order: { id: evil, title: evil },
          flags: [{ field: evil, reason: evil }],
          note: evil,
          words: { reason: evil },
        });
        const { html, subject } = letter(name, data);
        expect(html).not.toContain('<script');
        expect(html.match(/<(\w+)/g)?.every((tag) => allowed.has(tag))).toBe(true);
        expect(subject).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

const allowed = new Set(
  ['html', 'head', 'meta', 'title', 'body', 'div', 'main', 'h1', 'p', 'a', 'br', 'dl', 'dt', 'dd'].map(
    (tag) => `<${tag}`,
  ),
);

describe('the letters', () => {
  test('that ask for something lead to one address, said in text and HTML', () => {
    for (const name of ['onboarding-requested', 'onboarding-needs-changes', 'approval-requested']) {
      const { text, html } = letter(name, letterData({ url: 'https://portal.example/x-1' }));
      expect(text).toContain('https://portal.example/x-1');
      expect(html.match(/<a href="https:\/\/portal\.example\/x-1"/g)).toHaveLength(1);
      expect(() => letter(name, letterData({ url: undefined }))).toThrow('needs an address');
    }
  });

  test('give deadlines in the reader’s own zone', () => {
    expect(letter('approval-requested', letterData()).text).toContain(
      'Friday, 4 December 2026 at 14:00 (Europe/Berlin)',
    );
    expect(letter('approval-requested', letterData({ timeZone: 'America/New_York' })).text).toContain(
      'Friday, 4 December 2026 at 08:00 (America/New York)',
    );
  });

  test('say what either answer to an approval means', () => {
    const { text } = letter('approval-requested', letterData());
    expect(text).toContain('If you approve: We continue with exactly what');
    expect(text).toContain('If you ask for changes: We make your changes');
  });

  test('that return a form name each answer and why', () => {
    const { text, html } = letter(
      'onboarding-needs-changes',
      letterData({ flags: [{ field: 'landing_url', reason: 'The page answers 404.' }], note: 'Nearly there.' }),
    );
    expect(text).toContain('- Landing web address: The page answers 404.');
    expect(text).toContain('Nearly there.');
    expect(html).toContain('<dd style="margin:0 0 12px">The page answers 404.</dd>');
  });

  test('use the agency’s own words, and its logo only over https', () => {
    const brand = { name: 'Nord', words: { greeting: 'Moin', closing: 'Bis bald', footer: 'Nord GmbH, Hamburg' } };
    const { text } = letter('setup-complete', letterData({ brand }));
    expect(text).toContain('Moin Käthe Müller,');
    expect(text).toContain('Bis bald\nNord');
    expect(text).toContain('Nord GmbH, Hamburg');
    const html = (logoUrl: string) => letter('setup-complete', letterData({ brand: { ...brand, logoUrl } })).html;
    expect(html('https://cdn.example/logo.png')).toContain('<img src="https://cdn.example/logo.png" alt="Nord"');
    expect(html('javascript:alert(1)')).not.toContain('<img');
  });

  test('have a button that can be read on any colour', () => {
    const html = (colour: string) => letter('approval-requested', letterData({ brand: { name: 'Nord', colour } })).html;
    expect(html('#ffd400')).toContain('background:#ffd400;color:#000000');
    expect(html('#123456')).toContain('background:#123456;color:#ffffff');
    expect(html('red;background:url(x)')).toContain('background:#1f4f8f;color:#ffffff');
  });

  test('that nobody wrote are refused by name', () => {
    expect(() => letter('birthday', letterData())).toThrow(
      'There is no letter "birthday"; there are onboarding-requested',
    );
    expect(() => letter('toString', letterData())).toThrow('There is no letter');
  });
});
