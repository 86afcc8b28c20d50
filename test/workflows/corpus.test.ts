/** Real values of fifteen countries: every validator takes them, and a form's page gives back what it was given. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { fieldsOf } from '../../api/pages/fields.ts';
import { readForm } from '../../api/pages/read-fields.ts';
import { renderFields } from '../../api/pages/render-fields.ts';
import { fillIn, formIn } from '../../scripts/trial/forms.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { openingHours } from '../../workflows/products/samples.ts';
import { readAmount, writeAmount } from '../../workflows/validators/amounts.ts';
import { mailAddress } from '../../workflows/validators/mail-address.ts';
import { phone } from '../../workflows/validators/phone.ts';
import { hours } from '../../workflows/validators/places.ts';
import { tag } from '../../workflows/validators/tag.ts';
import { text } from '../../workflows/validators/text.ts';
import { timeZone } from '../../workflows/validators/time-zone.ts';
import { domain, profileAddress, website } from '../../workflows/validators/web.ts';
import { type Corner, corpus } from '../support/corpus.ts';

const taken = (schema: z.ZodType, given: unknown) => {
  const { data, error } = schema.safeParse(given);
  expect(error?.issues, JSON.stringify(given)).toBeUndefined();
  expect(schema.safeParse(data).data, 'what is stored is stored again unchanged').toEqual(data);
  return data;
};

const valuesIn = ({ names, addresses, phones, domains, websites, mails, zones, hours, amounts }: Corner) =>
  [names, addresses.flat(), phones, domains, websites, mails, zones, hours, amounts].flat();

test('the corpus has four hundred values of twelve countries or more', () => {
  expect(corpus.flatMap(valuesIn).length).toBeGreaterThanOrEqual(400);
  expect(new Set(corpus.map(({ country }) => country)).size).toBeGreaterThanOrEqual(12);
});

describe.each(corpus.map((corner) => [corner.country, corner] as const))('values of %s', (_, corner) => {
  test('are taken by every validator, unchanged or in their one form', () => {
    for (const name of [...corner.names, ...corner.addresses.flat()]) expect(taken(text(120), name)).toBe(name);
    for (const [given, stored] of corner.phones) expect(taken(phone, given), given).toBe(stored);
    for (const [given, stored] of corner.domains) expect(taken(domain, given), given).toBe(stored);
    for (const address of corner.websites) expect(taken(website, address)).toBe(address);
    for (const mail of corner.mails) expect(taken(mailAddress, mail)).toBe(mail);
    for (const zone of corner.zones) expect(taken(timeZone, zone)).toBe(zone);
    for (const day of corner.hours) taken(hours, { ...openingHours, monday: day, tuesday: 'closed' });
    for (const [given, minor] of corner.amounts) {
      expect(readAmount(given, corner), given).toEqual({ minor, unclear: false });
      expect(readAmount(writeAmount(minor, corner), corner), given).toEqual({ minor, unclear: false });
    }
  });

  test('come back from the page of a form as they went in', () => {
    for (let at = 0; at < 4; at += 1) {
      throughPage('gbp', gbpOf(corner, at), corner);
      throughPage(
        'google_ads',
        { monthly_budget: { amount: corner.amounts[at]?.[1] ?? 1, currency: corner.currency } },
        corner,
      );
      throughPage('social_posting', { time_zone: corner.zones[at % 2], voice: corner.names[at] }, corner);
    }
  });
});

function gbpOf(corner: Corner, at: number) {
  const [line, locality, postal_code] = corner.addresses[at % 3] ?? ['', '', ''];
  return {
    nap: {
      name: corner.names[at],
      address: [line],
      locality,
      postal_code,
      country: corner.country,
      phone: corner.phones[at]?.[1],
    },
    hours: { ...openingHours, monday: corner.hours[at % 2], tuesday: 'closed' },
    website: corner.websites[at % 2],
    description: `${corner.names.join('\n\n')}\n„${line}“`,
    approver: { name: corner.names[at], email: corner.mails[at] },
  };
}

/** Stored, shown, sent as a browser does, and stored again. */
function throughPage(product: string, answers: object, writing: Corner): void {
  const stage = workflowFor(product).stages[0]!;
  const fields = fieldsOf(stage.exit!);
  const stored = stage.exit!.parse({ ...exampleOf(stage), ...answers }) as Record<string, unknown>;
  const page = renderFields(fields, { values: stored, errors: [], flags: [], writing }).markup;
  const sent = Object.fromEntries(fillIn(formIn(`<form method="post">${page}</form>`)!, {}));
  const { answers: read, errors } = readForm(fields, sent, writing);
  expect(errors).toEqual([]);
  expect(stage.exit!.parse(read)).toEqual(stored);
}

describe('what would become something else', () => {
  test.each([
    [phone, '+49 30 1234567/68'],
    [phone, '+1 800 FLOWERS'],
    [phone, '+49 30 1234567 (Ann)'],
    [phone, '+49 30 1234567, +49 30 7654321'],
    [domain, 'facebook.com/name'],
    [domain, 'https://www.instagram.com/name/'],
    [profileAddress, 'facebook.com'],
    [profileAddress, 'example.com/name'],
    [mailAddress, 'info@müller'],
    [mailAddress, 'a b@example.com'],
    [mailAddress, 'ann@example.com, bob@example.com'],
    [mailAddress, 'ann@example.com/x'],
    [mailAddress, 'a..b@example.com'],
    [timeZone, 'Europe/Atlantis'],
    [timeZone, '+05:30'],
  ])('is refused with a sentence', (schema, value) => {
    expect(schema.safeParse(value).error?.issues[0]?.message).toMatch(/^[A-Z].{15,}\.$/s);
  });

  test.each([
    ['1,500', 'de-DE', 'EUR'],
    ['1.500', 'en-US', 'USD'],
    ['1.500', 'fr-FR', 'EUR'],
  ])('is asked back: %s in %s', (given, locale, currency) => {
    expect(readAmount(given, { locale, currency })).toEqual({ minor: 150_000, unclear: true });
  });

  test.each(['1,500,00', '1 5 00', '1e5', '-5', '12,345', '$5', '1.5.0', '0.500', '1500.000'])(
    'is no amount: %s',
    (given) => expect(readAmount(given, { locale: 'pl-PL', currency: 'PLN' })?.unclear ?? true).toBe(true),
  );
});

test('tags are taken in every script, one however its letters were typed', () => {
  for (const word of ['ด่วน', 'तत्काल', 'срочно', 'عاجل', '緊急', 'más', 'cafe\u0301', 'می\u200cخواهم', 'q4 2026']) {
    expect(taken(tag, word)).toBe(word.normalize('NFC'));
  }
  expect(tag.safeParse('cafe\u0301').data).toBe('café');
  expect(tag.safeParse('\u0301a').success).toBe(false);
});
