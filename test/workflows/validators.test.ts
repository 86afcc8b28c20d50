/** What every shared field takes, as it is stored, and what it refuses: at least ten of each. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { ann, openingHours, riverside } from '../../workflows/products/samples.ts';
import { nap, phone } from '../../workflows/validators/contact.ts';
import * as ids from '../../workflows/validators/ids.ts';
import { dailyOf, money } from '../../workflows/validators/money.ts';
import { hours, locations } from '../../workflows/validators/places.ts';
import { keywords } from '../../workflows/validators/text.ts';
import { domain, gscProperty, isOnDomain, webAddress } from '../../workflows/validators/web.ts';
import { person } from '../../workflows/words/commands.ts';

interface Field {
  schema: z.ZodType;
  /** A value, or a value and what is stored of it. */
  takes: (unknown | [unknown, unknown])[];
  refuses: unknown[];
}

const digits = (n: number) => '1234567890'.repeat(6).slice(0, n);
const letters = (n: number) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.repeat(30).slice(0, n);
/** Refused wherever text is wanted. */
const noText = ['', null, undefined, 42, {}, []];
const stored = (value: unknown, as: unknown): [unknown, unknown] => [value, as];
const numbered = (lengths: number[]) => lengths.map(digits);

const metaNumbers: Omit<Field, 'schema'> = {
  takes: [...numbered([5, 6, 7, 9, 10, 12, 15, 16, 18, 20]), stored(' 12345 ', '12345')],
  refuses: [...noText, '1234', digits(21), 'act_12345', '12 345', '-12345', '12345.0', '1e10'],
};

const fields: Record<string, Field> = {
  google_ads_customer_id: {
    schema: ids.googleAdsCustomerId,
    takes: [
      stored('123-456-7890', '1234567890'),
      '1234567890',
      stored('123-4567890', '1234567890'),
      stored('123456-7890', '1234567890'),
      stored(' 123-456-7890 ', '1234567890'),
      '0000000001',
      '9999999999',
      '5555555555',
      stored('000-111-2222', '0001112222'),
      stored('987-654-3210', '9876543210'),
    ],
    refuses: [
      ...noText,
      '123-456-789',
      '123-456-78901',
      '123 456 7890',
      '123_456_7890',
      'abc-def-ghij',
      '12-3456-7890',
      '1234-567-890',
      'AW-123456789',
    ],
  },
  ga4_measurement_id: {
    schema: ids.ga4MeasurementId,
    takes: [
      'G-AB12CD34EF',
      stored('g-ab12cd34ef', 'G-AB12CD34EF'),
      'G-123456',
      'G-ABCDEF',
      'G-ABCDEFGHIJKL',
      'G-000000000000',
      'G-A1B2C3',
      'G-ZZZZZZZZ',
      stored(' G-ABC1234 ', 'G-ABC1234'),
      'G-9X8Y7Z6W',
    ],
    refuses: [
      ...noText,
      'UA-12345678-1',
      'G-12345',
      'G-ABCDEFGHIJKLM',
      'GTM-ABC123',
      '123456789',
      'G_ABC123',
      'G-ABC 123',
      'G-ABC12!',
    ],
  },
  ga4_property_id: {
    schema: ids.ga4PropertyId,
    takes: [...numbered([6, 7, 8, 9, 10, 11, 12]), '000001', '999999999', stored(' 123456789 ', '123456789')],
    refuses: [...noText, '12345', digits(13), 'G-AB12CD34EF', '123-456', '12 3456', '1.23456', 'properties/123456'],
  },
  gtm_container_id: {
    schema: ids.gtmContainerId,
    takes: [
      'GTM-ABC1234',
      'GTM-A1B2',
      'GTM-ABCDEFGHI',
      stored('gtm-abc123', 'GTM-ABC123'),
      'GTM-1234',
      'GTM-9999999',
      'GTM-K2B3',
      'GTM-NNNNN',
      stored(' GTM-WXYZ ', 'GTM-WXYZ'),
      'GTM-T00L5',
    ],
    refuses: [...noText, 'GTM-ABC', 'GTM-ABCDEFGHIJ', 'G-ABC1234', 'GTM_ABC123', 'GTM-ABC-12', 'ABC1234', 'GTM-ÄBC123'],
  },
  google_ads_conversion_id: {
    schema: ids.googleAdsConversionId,
    takes: [
      'AW-12345678',
      'AW-123456789',
      'AW-1234567890',
      'AW-12345678901',
      'AW-123456789012',
      stored('aw-12345678', 'AW-12345678'),
      'AW-00000000',
      'AW-99999999',
      stored(' AW-87654321 ', 'AW-87654321'),
      'AW-10101010',
    ],
    refuses: [
      ...noText,
      'AW-1234567',
      'AW-1234567890123',
      'G-12345678',
      'AW12345678',
      'AW-ABCDEFGH',
      'AW-1234 5678',
      '12345678',
    ],
  },
  conversion_label: {
    schema: ids.conversionLabel,
    takes: [
      'abC-D_efG-h12',
      'abcdefgh',
      'ABCDEFGH',
      '12345678',
      '--------',
      '________',
      'a1-b2_c3D4',
      letters(40),
      'zZ9-zZ9-zZ9',
      stored(' abcdefgh ', 'abcdefgh'),
    ],
    refuses: [...noText, 'abcdefg', letters(41), 'abc defgh', 'abc/defgh', 'abc.defgh', 'äbcdefgh', 'abcdefg!'],
  },
  gsc_property: {
    schema: gscProperty,
    takes: [
      'sc-domain:example.com',
      'sc-domain:example.co.uk',
      'sc-domain:shop.example.com',
      'https://example.com/',
      'http://example.com/',
      'https://www.example.com/',
      'https://example.com/blog/',
      'https://example.com/a/b/',
      'sc-domain:xn--bcher-kva.de',
      stored(' https://example.org/ ', 'https://example.org/'),
    ],
    refuses: [
      ...noText,
      'example.com',
      'https://example.com',
      'https://example.com/blog',
      'sc-domain:',
      'sc-domain:localhost',
      'sc-domain:https://example.com',
      'ftp://example.com/',
      'https://example.com/?a=/',
      'https://10.0.0.1/',
    ],
  },
  domain: {
    schema: domain,
    takes: [
      'example.com',
      stored('https://www.example.com/path?x=1', 'example.com'),
      stored('EXAMPLE.COM', 'example.com'),
      stored('www.example.co.uk', 'example.co.uk'),
      'shop.example.com',
      stored('bücher.de', 'xn--bcher-kva.de'),
      stored('http://example.com:8080', 'example.com'),
      stored('example.com.', 'example.com'),
      stored(' example.org ', 'example.org'),
      'my-site.museum',
      stored('例え.jp', 'xn--r8jz45g.jp'),
      'a1.io',
    ],
    refuses: [
      ...noText,
      'localhost',
      '192.168.1.1',
      'co.uk',
      'com',
      'example',
      'exa mple.com',
      '-example.com',
      'example.invalidtld',
      '[::1]',
      'ann@example.com',
      `${letters(64)}.com`,
      '999.999.999.999',
    ],
  },
  url: {
    schema: webAddress,
    takes: [
      'https://example.com',
      'http://example.com/',
      'https://example.com/a/b?c=d#e',
      'https://www.example.co.uk/offer',
      'https://example.com:8443/x',
      'https://xn--bcher-kva.de/',
      'https://bücher.de/',
      'https://shop.example.org/?utm_source=x',
      'https://example.com/%C3%A4',
      stored(' https://example.com ', 'https://example.com'),
    ],
    refuses: [
      ...noText,
      'example.com',
      'ftp://example.com',
      'javascript:alert(1)',
      'https://ann:secret@example.com',
      'http://localhost',
      'http://127.0.0.1',
      'http://[::1]/',
      'http://169.254.169.254/latest',
      'https://example',
      'https://10.0.0.8/x',
      'http://2130706433/',
      'file:///etc/passwd',
    ],
  },
  gbp_place_id: {
    schema: ids.gbpPlaceId,
    takes: [
      'ChIJN1t_tDeuEmsRUsoyG83frY4',
      'GhIJQWDl0CIeQUARxks3icF8U8A',
      letters(10),
      letters(512),
      '0123456789',
      '__________',
      '----------',
      'ChIJ-_-_-_',
      stored(' ChIJN1t_tDeu ', 'ChIJN1t_tDeu'),
      'EiVQYXJrIEF2ZQ',
    ],
    refuses: [
      ...noText,
      'ChIJN1t_t',
      letters(513),
      'ChIJ N1t_tDeu',
      'ChIJ/N1t_tDeu',
      'ChIJN1t_tDeu=',
      'place:ChIJN1t',
      'ChIJN1t.tDeu',
      'äääääääääää',
    ],
  },
  gbp_location: {
    schema: ids.gbpLocation,
    takes: [
      ...[5, 6, 8, 10, 12, 15, 18, 20, 25].map((n) => `locations/${digits(n)}`),
      stored(' locations/12345 ', 'locations/12345'),
    ],
    refuses: [
      ...noText,
      'locations/1234',
      `locations/${digits(26)}`,
      'location/12345',
      '12345',
      'locations/abcde',
      'locations/',
      'accounts/1/locations/12345',
    ],
  },
  meta_ad_account_id: {
    schema: ids.metaAdAccountId,
    takes: [
      'act_12345',
      stored('12345', 'act_12345'),
      'act_1234567890',
      ...numbered([6, 8, 10, 15, 16, 20]).map((id) => stored(id, `act_${id}`)),
      stored(' act_99999 ', 'act_99999'),
    ],
    refuses: [
      ...noText,
      'act_1234',
      `act_${digits(21)}`,
      'act-12345',
      'ACT_12345',
      'act_12 345',
      'act_',
      'act_abcde',
      'actt_12345',
    ],
  },
  meta_page_id: { schema: ids.metaPageId, ...metaNumbers },
  meta_business_id: { schema: ids.metaBusinessId, ...metaNumbers },
  meta_pixel_id: { schema: ids.metaPixelId, ...metaNumbers },
  tiktok_advertiser_id: {
    schema: ids.tiktokAdvertiserId,
    takes: [
      ...numbered([16, 17, 18, 19, 20]),
      '7000000000000000000',
      '9999999999999999',
      '0000000000000001',
      '6987654321098765',
      stored(` ${digits(18)} `, digits(18)),
    ],
    refuses: [
      ...noText,
      digits(15),
      digits(21),
      `act_${digits(16)}`,
      `${digits(8)} ${digits(8)}`,
      `${digits(15)}a`,
      `-${digits(16)}`,
      Number(digits(16)),
    ],
  },
  tiktok_pixel_code: {
    schema: ids.tiktokPixelCode,
    takes: [
      letters(16),
      letters(17),
      letters(20),
      letters(24),
      stored(letters(18).toLowerCase(), letters(18)),
      digits(16),
      digits(24),
      'C4ABCDEFGHIJKLMNOP12',
      'CABC1234567890123456',
      stored(` ${letters(19)} `, letters(19)),
    ],
    refuses: [
      ...noText,
      letters(15),
      letters(25),
      'C4-BCDEFGHIJKLMNOP',
      'C4_BCDEFGHIJKLMNOP',
      'C4 BCDEFGHIJKLMNOP',
      'ÄBCDEFGHIJKLMNOPQ',
      '!BCDEFGHIJKLMNOPQ',
    ],
  },
  phone: {
    schema: phone,
    takes: [
      '+15125550132',
      stored('+1 (512) 555-0132', '+15125550132'),
      '+442079460958',
      stored('+44 20 7946 0958', '+442079460958'),
      stored('+49 30 901820', '+4930901820'),
      '+33142685300',
      stored('+61 2 9374 4000', '+61293744000'),
      '+918041278000',
      '+551130718000',
      stored(' +81 3-6384-9000 ', '+81363849000'),
    ],
    refuses: [
      ...noText,
      '5125550132',
      '(512) 555-0132',
      '+',
      '+0123456789',
      '+1512555',
      'call me',
      '+1 512 555 01321234',
      '0049 30 901820',
    ],
  },
  monthly_budget: {
    schema: money,
    takes: [1, 100, 150_000, 304_000, 999_999_999]
      .map((amount) => ({ amount, currency: 'USD' }))
      .concat(['EUR', 'GBP', 'JPY', 'INR', 'CHF'].map((currency) => ({ amount: 50_000, currency }))),
    refuses: [
      ...[0, -1, 1500.5, '1500', Number.NaN, Number.POSITIVE_INFINITY, 10_000_000_001].map((amount) => ({
        amount,
        currency: 'USD',
      })),
      { amount: 1, currency: 'US' },
      { amount: 1, currency: 'dollars' },
      { amount: 1, currency: '' },
      { amount: 1 },
      { currency: 'USD' },
      { amount: 1, currency: 'USD', tax: 1 },
      1500,
    ],
  },
  locations: {
    schema: locations,
    takes: [
      { kind: 'country', country: 'US' },
      { kind: 'region', country: 'US', name: 'Texas' },
      { kind: 'city', country: 'DE', name: 'Köln' },
      { kind: 'postal-code', country: 'US', name: '78701' },
      { kind: 'radius', latitude: 30.2, longitude: -97.7, km: 25 },
      { kind: 'radius', latitude: -90, longitude: 180, km: 0.5 },
      { kind: 'country', country: 'GB' },
      { kind: 'city', country: 'IN', name: 'Pune' },
      { kind: 'region', country: 'CA', name: 'Québec' },
      { kind: 'postal-code', country: 'GB', name: 'SW1A 1AA' },
    ].map((place) => stored({ include: [place] }, { include: [place], exclude: [] })),
    refuses: [
      { include: [] },
      {},
      [],
      null,
      'Austin',
      { include: [{ kind: 'planet', name: 'Mars' }] },
      { include: [{ kind: 'city', country: 'USA', name: 'Austin' }] },
      { include: [{ kind: 'city', country: 'US', name: '' }] },
      { include: [{ kind: 'radius', latitude: 91, longitude: 0, km: 1 }] },
      { include: [{ kind: 'radius', latitude: 0, longitude: 0, km: 0 }] },
      {
        include: [
          { kind: 'country', country: 'US' },
          { kind: 'country', country: 'US' },
        ],
      },
      { include: [{ kind: 'country', country: 'US' }], exclude: [{ kind: 'country', country: 'US' }] },
    ],
  },
  hours: {
    schema: hours,
    takes: [
      openingHours,
      { ...openingHours, monday: '24h', tuesday: 'closed' },
      { ...openingHours, friday: [{ from: '18:00', to: '02:00' }] },
      {
        ...openingHours,
        monday: [
          { from: '08:00', to: '12:00' },
          { from: '13:00', to: '18:00' },
        ],
      },
      { ...openingHours, sunday: [{ from: '22:00', to: '06:00' }] },
      { ...openingHours, saturday: [{ from: '00:00', to: '23:59' }] },
      { ...openingHours, tuesday: [{ from: '09:00', to: '09:30' }] },
      {
        ...openingHours,
        monday: [
          { from: '06:00', to: '09:00' },
          { from: '09:00', to: '10:00' },
        ],
      },
      { ...openingHours, wednesday: '24h', thursday: 'closed' },
      stored(
        { ...openingHours, monday: '9:00 - 12:30, 14:00–18:00', tuesday: ' Closed ' },
        {
          ...openingHours,
          monday: [
            { from: '09:00', to: '12:30' },
            { from: '14:00', to: '18:00' },
          ],
          tuesday: 'closed',
        },
      ),
      Object.fromEntries(Object.keys(openingHours).map((day) => [day, '24h'])),
    ],
    refuses: [
      {},
      null,
      [],
      'always',
      { monday: '24h' },
      { ...openingHours, monday: [{ from: '9:00', to: '17:00' }] },
      { ...openingHours, monday: [{ from: '09:00', to: '24:00' }] },
      { ...openingHours, monday: [] },
      {
        ...openingHours,
        monday: [
          { from: '09:00', to: '12:00' },
          { from: '11:00', to: '15:00' },
        ],
      },
      { ...openingHours, monday: 'open' },
      { ...openingHours, monday: 'from nine to five' },
      { ...openingHours, monday: '9-17' },
      { ...openingHours, monday: '09:00-12:00, 11:00-15:00' },
      { ...openingHours, monday: '' },
      { ...openingHours, friday: [{ from: '22:00', to: '10:00' }], saturday: [{ from: '09:00', to: '12:00' }] },
      { ...openingHours, sunday: [{ from: '22:00', to: '10:00' }] },
      { ...openingHours, feast: 'closed' },
    ],
  },
  nap: {
    schema: nap,
    takes: [
      riverside,
      { ...riverside, region: undefined },
      { ...riverside, address: ['12 River Street', 'Suite 4'] },
      { ...riverside, name: 'Zahnärzte am Fluß' },
      { ...riverside, postal_code: 'SW1A 1AA', country: 'GB' },
      stored({ ...riverside, phone: '+1 (512) 555-0132' }, riverside),
      stored({ ...riverside, country: 'us' }, riverside),
      { ...riverside, locality: '東京' },
      { ...riverside, address: ['1', '2', '3'] },
      { ...riverside, name: 'A' },
    ],
    refuses: [
      {},
      null,
      { ...riverside, name: '' },
      { ...riverside, address: [] },
      { ...riverside, address: ['1', '2', '3', '4'] },
      { ...riverside, address: [''] },
      { ...riverside, phone: '555-0132' },
      { ...riverside, country: 'USA' },
      { ...riverside, postal_code: '' },
      { ...riverside, locality: ' ' },
      { ...riverside, fax: '1' },
    ],
  },
  keywords: {
    schema: keywords(1, 12),
    takes: [
      ['dentist'],
      ['a', 'b'],
      stored(['Dentist'], ['dentist']),
      stored([' dentist  austin '], ['dentist austin']),
      ['zähne'],
      ['x'.repeat(80)],
      ['歯医者'],
      stored(['ÉCLAIR'], ['éclair']),
      ['c++'],
      Array.from({ length: 12 }, (_, index) => `word ${index}`),
    ],
    refuses: [
      [],
      [''],
      ['  '],
      ['x'.repeat(81)],
      ['dentist', 'Dentist'],
      ['a', 'a'],
      [1],
      'dentist',
      null,
      Array.from({ length: 13 }, (_, index) => `word ${index}`),
      ['a b', 'a  b'],
    ],
  },
  person: {
    schema: person,
    takes: [
      ann,
      { name: 'Bö', email: 'bo@example.co.uk' },
      { name: 'X', email: 'a.b+c@example.com' },
      { name: '李', email: 'li@example.cn' },
      stored({ name: ' Ann ', email: 'ann@example.com' }, { name: 'Ann', email: 'ann@example.com' }),
      ...['a@b.co', 'a_b@example.org', 'a-b@sub.example.com', '1@example.com', 'UPPER@example.com'].map((email) => ({
        name: 'Ann',
        email,
      })),
    ],
    refuses: [
      {},
      null,
      { name: '', email: 'ann@example.com' },
      { name: 'Ann' },
      ...['', 'ann', 'ann@', '@example.com', 'ann@example', 'a b@example.com', 'ann@example..com'].map((email) => ({
        name: 'Ann',
        email,
      })),
      { ...ann, phone: '1' },
    ],
  },
};

describe.each(Object.entries(fields))('%s', (_, { schema, takes, refuses }) => {
  const isPair = (value: unknown): value is [unknown, unknown] =>
    Array.isArray(value) &&
    value.length === 2 &&
    JSON.stringify(value[0]) !== JSON.stringify(value[1]) &&
    schema.safeParse(value[0]).success;

  test('takes what is right, and stores it in one form', () => {
    expect(takes.length).toBeGreaterThanOrEqual(10);
    for (const take of takes) {
      const [given, as] = isPair(take) ? take : [take, take];
      const { data, error } = schema.safeParse(given);
      expect(error?.issues, JSON.stringify(given)).toBeUndefined();
      expect(data).toEqual(as);
      expect(schema.safeParse(data).data, 'what is stored is stored again unchanged').toEqual(data);
    }
  });

  test('refuses what is wrong, and says what would pass', () => {
    expect(refuses.length).toBeGreaterThanOrEqual(10);
    for (const refused of refuses) {
      const { success, error } = schema.safeParse(refused);
      expect(success, JSON.stringify(refused)).toBe(false);
      expect(error?.issues[0]?.message.length).toBeGreaterThan(5);
    }
  });
});

test('a GA4 field tells an old UA- id from a mistyped one', () => {
  expect(ids.ga4MeasurementId.safeParse('UA-12345678-1').error?.issues[0]?.message).toContain(
    'old Universal Analytics',
  );
});

test('a page belongs to a domain when both have the same registrable part', () => {
  expect(isOnDomain('https://shop.example.co.uk/x', 'example.co.uk')).toBe(true);
  expect(isOnDomain('https://example.co.uk.evil.com/', 'example.co.uk')).toBe(false);
});

test('a daily budget never adds up to more than the month has', () => {
  expect(dailyOf(304_000)).toBe(10_000);
  expect(dailyOf(303_999)).toBe(9_999);
});
