/** The refusal of a reference that another order of the account has: the same at once and when two of them race. */
import { Refusal } from '../kernel/errors.ts';

export const referenceTaken = (holder: string, reference: string): Refusal =>
  new Refusal('reference_taken', `Order ${holder} already has the reference "${reference}".`, [
    { pointer: '/reference', rule: 'unique', message: 'Use a reference that no other order of the account has.' },
  ]);
