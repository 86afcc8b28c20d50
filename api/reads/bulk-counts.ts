/** What became of an operation's items so far, added up from its pages: each page's counts are made from its items. */
import type { Operation } from '../../models/bulk-operation.ts';
import type { Counts } from '../../workflows/bulk/operation.ts';
import { sumOf } from '../../workflows/bulk/tally.ts';
import type { Dependencies } from '../context.ts';

export async function countsOf({ _id }: Operation, { models }: Dependencies): Promise<Counts> {
  return sumOf((await models.bulkItems.heads(_id)).map(({ counts }) => counts));
}
