/** How many bytes a body may have: as few as its route needs, so that nobody is made to read what cannot be right. */

const kilobyte = 1_024;

/** Of every route that does not say otherwise: a command and a comment. */
export const usualBody = 32 * kilobyte;

/** The answers of a form: browsers send each letter beyond ASCII as up to twelve characters. */
export const formBody = { bodyLimit: 1_024 * kilobyte };

/** A stage's data. */
export const dataBody = { bodyLimit: 256 * kilobyte };

/** One field. */
export const smallBody = { bodyLimit: 4 * kilobyte };
