/** What asks for texts that begin with a word: as it stands, whatever signs are in it. */
export const beginning = (word: string): { $regex: string } => ({
  $regex: `^${word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}`,
});
