/**
 * The one work item that sends in the form of a link: sent twice, it is found and not made again. One that was refused,
 * because the stage could not take it at that moment, is not the end of a link whose stage waits: the next has the next id.
 */
import type { WorkItem } from '../../kernel/work.ts';
import type { Dependencies } from '../context.ts';

export interface Submission {
  work: string;
  /** The item of that id, where there is one. */
  sent: WorkItem | null;
}

const mostRefused = 20;

export async function submissionBy(
  { _id, generation }: { _id: string; generation: number },
  { work }: Pick<Dependencies['models'], 'work'>,
): Promise<Submission> {
  const first = `form-${_id}-${generation}`;
  for (let nth = 1; ; nth += 1) {
    const id = nth === 1 ? first : `${first}-${nth}`;
    const sent = await work.get(id);
    const isInVain = sent?.state === 'refused' || sent?.state === 'superseded';
    if (!isInVain || nth === mostRefused) return { work: id, sent };
  }
}
