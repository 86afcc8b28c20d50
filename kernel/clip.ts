/** The beginning of a text, never ended in the middle of a character: half of one is stored and sent as another. */
export const clip = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/\p{Surrogate}$/u, '');
