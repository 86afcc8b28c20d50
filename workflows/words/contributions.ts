/** What members of the team do to a stage that a second person has to look at, whatever came of it. */
export const deeds = [
  ...(['began', 'completed', 'recorded', 'submitted', 'attested', 'skipped'] as const),
  ...(['overrode', 'resolved', 'retried', 'accepted', 'appealed'] as const),
];
export type Deed = (typeof deeds)[number];

/** `round` and `at` are those of the last time. */
export interface Contribution {
  by: string;
  did: Deed;
  round: number;
  at: Date;
}
