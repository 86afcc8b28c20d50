/** Digits of every script (`१२`, `٣`, `４`) as 0-9; everything else is left as it is. */
export const plainDigits = (text: string): string => text.replace(/\p{Nd}/gu, (digit) => String(digitOf(digit)));

/** The digits of a script follow one another from its zero. */
function digitOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 128) return Number(digit);
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return value;
}
