/** What the checker finds wrong: of which kind, and a sentence that names the thing. */
export type FindingKind = 'lost' | 'duplicate' | 'gap' | 'stuck' | 'dead' | 'orphan' | 'leak';

export interface Finding {
  kind: FindingKind;
  what: string;
}
