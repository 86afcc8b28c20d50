/** What became of one mail, as the stage that asked for it remembers it. The latest news counts, whatever was said before. */

/**
 * `delivered`: the mail server took it, and no bounce has come. `refused`: it did not, or the mail came back. `failed`: we
 * gave up, because no server took it. `held`: it has not gone out yet, and will by itself. `superseded`: it was not sent,
 * because nobody needed it any more.
 */
export const mailOutcomes = ['delivered', 'refused', 'unknown', 'failed', 'held', 'superseded'] as const;
export type MailOutcome = (typeof mailOutcomes)[number];

/** `seq` counts what was recorded of this mail; `said` is the server's own sentence, for staff, and may hold an address. */
export interface Delivery {
  mail: string;
  seq: number;
  outcome: MailOutcome;
  at: Date;
  said?: string;
}
