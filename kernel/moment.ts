/** A moment as people read it, in the zone where they are: the same in a letter and on the page that it leads to. */
export function momentIn(timeZone: string, moment: Date): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
  return `${format.format(moment)} (${timeZone.replaceAll('_', ' ')})`;
}
