/**
 * How a content order is set up: briefs first, then drafts, an editor who did not write them, the client's yes, and the
 * publication. The basic tier goes without the approval of briefs.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver } from '../validators/contact.ts';
import { fault, repeats } from '../validators/rules.ts';
import { holds, keywords, text } from '../validators/text.ts';
import { secureAddress, webAddress } from '../validators/web.ts';
import { factsOf, type Look } from '../words/looks.ts';
import type { OrderState } from '../words/state.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import type { Finds } from './look-at.ts';
import { grant } from './needs.ts';
import { ann } from './samples.ts';

const itemsByTier: Record<string, number> = { basic: 2, standard: 4, premium: 8 };
const changesByTier = { basic: 2, standard: 2, premium: 2 };
const plagiarismLimit = 10;

const title = text(120);

const intake = leaves(
  {
    kind: z.enum(['blog', 'landing-page', 'product-page', 'white-paper', 'newsletter']),
    quantity: z.int().min(1).max(50),
    keywords: keywords(1, 100),
    audience: text(500),
    tone: text(200),
    sources: z.array(text(300)).max(50).default([]),
    cms_url: webAddress.optional(),
    approver,
  },
  {
    kind: 'blog',
    quantity: 1,
    keywords: ['healthy teeth'],
    audience: 'Families in Austin',
    tone: 'Calm',
    cms_url: 'https://example.com/wp-admin',
    approver: ann,
  },
);

const brief = z.strictObject({
  title,
  keyword: text(80),
  outline: z.array(text(200)).min(1, 'Enter the outline.').max(40),
  words_from: z.int().min(100),
  words_to: z.int().max(20_000),
  links: z.array(webAddress).max(50).default([]),
});
const briefs = leaves(
  { items: z.array(brief).min(1, 'Brief at least one item.').max(50) },
  {
    items: [
      {
        title: 'Healthy teeth in three habits',
        keyword: 'healthy teeth',
        outline: ['Why', 'How', 'When'],
        words_from: 600,
        words_to: 900,
      },
    ],
  },
);

const draft = z.strictObject({
  title,
  words: z.int().min(1),
  reading_level: z.number().min(0).max(20),
  sources: z.array(text(300)).min(1, 'List the sources.').max(50),
  document: webAddress,
});
const drafts = leaves(
  { items: z.array(draft).min(1).max(50) },
  {
    items: [
      {
        title: 'Healthy teeth in three habits',
        words: 720,
        reading_level: 8,
        sources: ['Interview with the dentist'],
        document: 'https://docs.example.com/drafts/1',
      },
    ],
  },
);

const edited = leaves(
  {
    plagiarism_percent: z.number().min(0).max(plagiarismLimit, `Only below ${plagiarismLimit} %.`),
    facts: holds('the facts are checked'),
    links: holds('every link opens'),
    keyword_in_title: holds('the keyword is in the title'),
  },
  { plagiarism_percent: 2, facts: true, links: true, keyword_in_title: true },
);

const published = z.discriminatedUnion('how', [
  z.strictObject({ how: z.literal('published'), title, url: secureAddress, meta: holds('the meta data are set') }),
  z.strictObject({ how: z.literal('delivered-as-file'), title, file: webAddress }),
]);
const publish = leaves(
  { items: z.array(published).min(1).max(50) },
  {
    items: [
      {
        how: 'published',
        title: 'Healthy teeth in three habits',
        url: 'https://example.com/blog/healthy-teeth',
        meta: true,
      },
    ],
  },
);

const live = leaves(
  {
    pages: z
      .array(
        z.strictObject({
          url: secureAddress,
          status: z.literal(200, 'The page must answer 200.'),
          indexable: holds('it is indexable'),
          in_sitemap: holds('it is in the sitemap'),
        }),
      )
      .max(50),
  },
  { pages: [{ url: 'https://example.com/blog/healthy-teeth', status: 200, indexable: true, in_sitemap: true }] },
);

const tierAllows = rule(intake, ({ quantity }, { tier }) => {
  const most = itemsByTier[tier] ?? 50;
  return quantity <= most ? [] : [fault('/quantity', 'over_tier', `The ${tier} tier has up to ${most} items.`)];
});

const allOf = (items: readonly { title: string }[], needed: number) =>
  items.length - repeats(items, (item) => item.title.toLowerCase()).length >= needed
    ? []
    : [fault('/items', 'too_few', `The order has ${needed} items, each with its own title.`)];

const ordered = (state: OrderState): number => found(intake, state, 'intake')?.quantity ?? 1;

const lengthFits = rule(drafts, ({ items }, state) =>
  items.flatMap((item, index) => {
    const asked = found(briefs, state, 'briefs')?.items.find((candidate) => candidate.title === item.title);
    if (!asked || (item.words >= asked.words_from && item.words <= asked.words_to)) return [];
    return [
      fault(`/items/${index}/words`, 'length', `The brief asks for ${asked.words_from} to ${asked.words_to} words.`),
    ];
  }),
);

/** What was delivered as a file is no page. */
const pagesOf = (state: OrderState): string[] =>
  (found(publish, state, 'publish')?.items ?? []).flatMap((item) => (item.how === 'published' ? [item.url] : []));

const looksAtPage = (url: string): Look[] => [
  { look: 'answers', url },
  { look: 'indexable', url },
  { look: 'sitemap', url, lists: url },
];

const foundPages: Finds = (looked, state) => ({
  pages: pagesOf(state).map((url) => {
    const { status } = factsOf(looked, looksAtPage(url)[0]);
    return { url, status, indexable: true, in_sitemap: true };
  }),
});

export const content = defineWorkflow({
  product: 'content',
  version: 1,
  title: 'Content',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us what to write', gate: 'form', exit: intake, rules: [tierAllows], budget: 3 },
    briefs: {
      title: 'Briefs',
      gate: 'work',
      exit: briefs,
      rules: [rule(briefs, ({ items }, state) => allOf(items, ordered(state)))],
      budget: 3,
    },
    brief_approval: {
      title: 'Approve the briefs',
      gate: 'approval',
      shows: ['briefs'],
      budget: 3,
      backTo: ['briefs'],
      when: { tiers: ['standard', 'premium'], otherwise: 'The basic tier goes without the approval of briefs.' },
    },
    drafting: {
      title: 'Drafts',
      gate: 'work',
      exit: drafts,
      rules: [lengthFits, rule(drafts, ({ items }, state) => allOf(items, ordered(state)))],
      budget: 5,
    },
    edit_qa: {
      title: 'Editing',
      gate: 'qa',
      exit: edited,
      budget: 2,
      backTo: ['drafting'],
      vouchesFor: ['intake', 'briefs', 'brief_approval', 'drafting'],
    },
    client_approval: {
      title: 'Approve the texts',
      gate: 'approval',
      shows: ['drafting'],
      budget: 3,
      backTo: ['drafting'],
      rounds: changesByTier,
    },
    publish: {
      needs: [grant('cms')],
      title: 'Publication',
      gate: 'work',
      exit: publish,
      rules: [rule(publish, ({ items }, state) => allOf(items, ordered(state)))],
      budget: 2,
    },
    live: {
      title: 'Live',
      gate: 'auto',
      exit: live,
      looks: (state) => pagesOf(state).flatMap(looksAtPage),
      finds: foundPages,
      budget: 1,
    },
  },
});
