/**
 * How often a property is tried. Under mutation testing each mutant runs the tests again: there it is a twentieth of it, with
 * one seed, so that a mutant that survives today does not die tomorrow by chance.
 */
export const isMutating = process.env['MUTATION'] === '1';

export const tries = (numRuns: number): { numRuns: number; seed?: number } =>
  isMutating ? { numRuns: Math.ceil(numRuns / 20), seed: 1 } : { numRuns };
