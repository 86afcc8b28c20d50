/**
 * When nobody works although it is a weekday: public and bank holidays of a country, and of a region where they differ,
 * for as long as the data say. Some are half a day, some last several; those that are only observed are worked on.
 */
import Holidays from 'date-holidays';

/** Milliseconds of the epoch, from and until. */
export type Closing = readonly [from: number, to: number];

const known = new Map<string, readonly Closing[]>();

/** `place` is `US` or `DE-BY`; a place that nobody knows has none. Those that began the year before are among them. */
export const holidaysOf = (place: string, zone: string, year: number): readonly Closing[] => [
  ...begunIn(place, zone, year - 1),
  ...begunIn(place, zone, year),
];

function begunIn(place: string, zone: string, year: number): readonly Closing[] {
  const key = `${place} ${zone} ${year}`;
  const already = known.get(key);
  if (already) return already;
  const [country = '', region = ''] = place.split('-');
  const found = new Holidays(country, region, { timezone: zone }).getHolidays(year) || [];
  const free = found.filter(({ type }) => type === 'public' || type === 'bank');
  const closings = free.map(({ start, end }): Closing => [start.getTime(), end.getTime()]);
  known.set(key, closings);
  return closings;
}

/** What is left of the hours once the closings are taken out, in order. */
export function without(hours: Closing, closings: readonly Closing[]): Closing[] {
  return closings.reduce<Closing[]>(
    (left, [shut, open]) =>
      left.flatMap(([from, to]): Closing[] =>
        shut >= to || open <= from
          ? [[from, to]]
          : [[from, shut] as const, [open, to] as const].filter(([start, end]) => start < end),
      ),
    [hours],
  );
}
