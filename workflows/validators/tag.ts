/** Tags in any script, composed and in lower case, so that one word is one tag however its letters were typed. */
import { z } from 'zod';

const longest = 40;
const plain = (tag: string): string => tag.normalize('NFC').toLowerCase().normalize('NFC');

/** Marks belong to the letters of Thai, Hindi and others; the two joiners stand within words of Persian and Hindi. */
export const tag = z
  .string()
  .trim()
  .max(4 * longest, `Use at most ${longest} characters.`)
  .overwrite(plain)
  .max(longest, `Use at most ${longest} characters.`)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{Join_Control} _.-]*$/u,
    'Enter a tag of at most 40 letters, digits, spaces, `_`, `.` and `-`.',
  );
