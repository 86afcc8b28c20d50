/** Looks that products share, and the ways to declare them: by the record of a person, or as data that the system finds. */
import type { z } from 'zod';
import type { Data, StageDefinition } from '../graph/stage.ts';
import type { Look } from '../words/looks.ts';
import type { OrderState } from '../words/state.ts';

/** The data of a stage from what its looks found. */
export type Finds = NonNullable<StageDefinition['finds']>;

/** Looks that go by the record which a person leaves the stage with; none while there is no such record. */
export function looksBy<Schema extends z.ZodType<Data>>(
  schema: Schema,
  looks: (record: z.output<Schema>, state: OrderState) => Look[],
): NonNullable<StageDefinition['looks']> {
  return (state, record) => {
    const { data } = schema.safeParse(record);
    return data ? looks(data, state) : [];
  };
}

export const carries = (url: string, tag: string): Look[] => [
  { look: 'answers', url },
  { look: 'tag', url, tag },
];

/** The site is there, is safe to go to and keeps no searcher out. */
export const openSite = (host: string): Look[] => [
  { look: 'answers', url: `https://${host}/` },
  { look: 'indexable', url: `https://${host}/` },
  { look: 'robots', url: `https://${host}/` },
  { look: 'certificate', host },
];

/** A site that has just moved to its domain. */
export const movedSite = (url: string): Look[] => [
  { look: 'answers', url, redirects: 1 },
  { look: 'indexable', url },
  { look: 'sitemap', url },
  { look: 'certificate', host: new URL(url).hostname },
  { look: 'record', name: new URL(url).hostname, type: 'address' },
];
