/** Where and when: target locations, and opening hours of a week. */
import { z } from 'zod';
import { country } from './contact.ts';

const name = z.string().trim().min(1, 'Enter its name or code.').max(120, 'Use at most 120 characters.');

const place = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('country'), country }),
  z.strictObject({ kind: z.literal('region'), country, name }),
  z.strictObject({ kind: z.literal('city'), country, name }),
  z.strictObject({ kind: z.literal('postal-code'), country, name }),
  z.strictObject({
    kind: z.literal('radius'),
    latitude: z.number().min(-90, 'Enter a latitude from -90 to 90.').max(90, 'Enter a latitude from -90 to 90.'),
    longitude: z
      .number()
      .min(-180, 'Enter a longitude from -180 to 180.')
      .max(180, 'Enter a longitude from -180 to 180.'),
    km: z.number().gt(0, 'Enter a radius above 0 km.').max(800, 'Enter a radius of at most 800 km.'),
  }),
]);

const sameness = (value: z.output<typeof place>): string => JSON.stringify(value).toLowerCase();

export const locations = z
  .strictObject({
    include: z.array(place).min(1, 'Name at least one location.').max(200, 'Name at most 200 locations.'),
    exclude: z.array(place).max(200, 'Name at most 200 locations.').default([]),
  })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    const all = [
      ...value.include.map((at, i) => ({ at, path: ['include', i] })),
      ...value.exclude.map((at, i) => ({ at, path: ['exclude', i] })),
    ];
    for (const { at, path } of all) {
      const key = sameness(at);
      if (seen.has(key)) {
        issues.push({
          code: 'custom',
          input: at,
          path,
          params: { rule: 'duplicate' },
          message: 'Name each location once, either to include or to exclude.',
        });
      }
      seen.add(key);
    }
  });

const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Enter a time of day such as 09:30; midnight is 00:00.');
const range = z.strictObject({ from: time, to: time });
const day = z
  .preprocess(
    fromText,
    z.union(
      [z.literal('closed'), z.literal('24h'), z.array(range).min(1, 'Enter a range, or "closed".').max(4)],
      'Enter hours such as 09:00-12:00, 14:00-18:00, or “closed” or “24h”.',
    ),
  )
  .meta({ description: 'Such as 09:00-17:00, or “closed”, or “24h”.' });

/** People write hours as text; what is no list of ranges is left as it is, for the schema to name. */
function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parts = value.split(/,|\n|\band\b/).map((part) => part.trim());
  const ranges = parts.map((part) => /^(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)$/.exec(part));
  if (ranges.some((found) => !found)) return value.trim().toLowerCase();
  return ranges.map((found) => ({ from: found?.[1]?.padStart(5, '0'), to: found?.[2]?.padStart(5, '0') }));
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** A range that ends before it begins runs over midnight. */
export const hours = z
  .strictObject({ monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day })
  .check(({ value, issues }) => {
    for (const overlap of overlapping(value)) {
      issues.push({
        code: 'custom',
        input: value,
        path: [overlap],
        params: { rule: 'overlap' },
        message: 'These hours overlap; give ranges that do not.',
      });
    }
  });

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;

/** The weekdays on which a range begins before an earlier one has ended; the week is a circle. */
function overlapping(week: Record<(typeof weekdays)[number], z.output<typeof day>>): string[] {
  const ranges = weekdays
    .flatMap((key, index) => minutesOf(week[key], index * dayMinutes).map((minutes) => ({ key, ...minutes })))
    .sort((a, b) => a.from - b.from);
  const [first] = ranges;
  if (!first) return [];
  const circle = [...ranges, { ...first, from: first.from + weekMinutes }];
  return circle.slice(1).flatMap(({ key, from }, index) => (from < (circle[index]?.to ?? 0) ? [key] : []));
}

function minutesOf(hours: z.output<typeof day>, start: number): { from: number; to: number }[] {
  if (hours === 'closed') return [];
  if (hours === '24h') return [{ from: start, to: start + dayMinutes }];
  return hours.map(({ from, to }) => {
    const [begin, end] = [minuteOf(from), minuteOf(to)];
    return { from: start + begin, to: start + (end > begin ? end : end + dayMinutes) };
  });
}
