/** The rules of the products that are written: content, social posting and backlinks. */
import type { Data } from '../../../workflows/graph/stage.ts';
import type { RuleCase } from './rule-case.ts';

const brief = (title: string) => ({ title, keyword: 'teeth', outline: ['Why'], words_from: 600, words_to: 900 });
const briefs = (...titles: string[]) => ({ items: titles.map(brief) });
const draft = (title: string, words = 700) => ({
  ...{ title, words, reading_level: 8, sources: ['The dentist'] },
  document: 'https://docs.example.com/1',
});
const drafts = (...titles: string[]) => ({ items: titles.map((title) => draft(title)) });
const published = (...titles: string[]) => ({
  items: titles.map((title) => ({ how: 'delivered-as-file', title, file: 'https://docs.example.com/1' })),
});
const two = { intake: { quantity: 2 } };

const tierCases = (field: string, tiers: Record<string, number>): RuleCase[] =>
  Object.entries(tiers).map(([tier, most]) => ({
    stage: 'intake',
    says: `a ${tier} order has ${most} at most`,
    tier,
    inside: { [field]: most },
    outside: { [field]: most + 1 },
    refused: `/${field} over_tier`,
  }));

export const content: RuleCase[] = [
  ...tierCases('quantity', { basic: 2, standard: 4, premium: 8 }),
  {
    stage: 'briefs',
    says: 'there is a brief for each item',
    earlier: two,
    inside: briefs('One', 'Two'),
    outside: briefs('One'),
    refused: '/items too_few',
  },
  {
    stage: 'briefs',
    says: 'each brief has a title of its own',
    earlier: two,
    inside: briefs('One', 'Two'),
    outside: briefs('One', 'ONE'),
    refused: '/items too_few',
  },
  {
    stage: 'drafting',
    says: 'there is a draft for each item',
    earlier: two,
    inside: drafts('One', 'Two'),
    outside: drafts('Two'),
    refused: '/items too_few',
  },
  ...[
    { words: 600, beyond: 599 },
    { words: 900, beyond: 901 },
  ].map(({ words, beyond }) => ({
    stage: 'drafting',
    says: `a draft may have ${words} words where its brief says so, not ${beyond}`,
    earlier: { briefs: briefs('One', 'Two') },
    inside: { items: [draft('Other', beyond), draft('Two', words)] },
    outside: { items: [draft('Other', beyond), draft('Two', beyond)] },
    refused: '/items/1/words length',
  })),
  {
    stage: 'publish',
    says: 'each item is published',
    earlier: two,
    inside: published('One', 'Two'),
    outside: published('Two'),
    refused: '/items too_few',
  },
];

const token = (network: string) => ({ network, scopes: ['publish'], expires_on: '2099-01-31', tested: true });
const post = (fields: Data = {}) => ({ network: 'facebook', at: '2026-04-06T15:00:00Z', text: 'Hello.', ...fields });
const posts = (...all: Data[]) => ({ posts: all.map(post) });
const one = { intake: { posts_a_month: 1 } };
const textLimits = { facebook: 63_206, instagram: 2_200, linkedin: 3_000, x: 280, pinterest: 500, gbp: 1_500 };
const tags = (many: number) => Array.from({ length: many }, (_, index) => `#ö${index}`).join(' ');
const scheduledAt = (...ids: string[]) => ({
  posts: ids.map((id) => ({ network: 'facebook', id, at: '2026-04-06T15:00:00Z' })),
});

export const socialPosting: RuleCase[] = [
  ...tierCases('posts_a_month', { basic: 8, standard: 12, premium: 20 }),
  {
    stage: 'access_granted',
    says: 'there is access to every network that the client has chosen',
    earlier: { intake: { networks: ['x', 'linkedin'] } },
    inside: { tokens: [token('linkedin'), token('x')] },
    outside: { tokens: [token('linkedin')] },
    refused: '/tokens not_granted',
  },
  ...Object.entries(textLimits)
    .filter(([network]) => network !== 'facebook')
    .map(([network, most]) => ({
      stage: 'calendar_draft',
      says: `${network} takes ${most} characters`,
      earlier: one,
      inside: posts({ network, text: 'a'.repeat(most) }),
      outside: posts({ network, text: 'a'.repeat(most + 1) }),
      refused: '/posts/0/text too_long',
    })),
  {
    stage: 'calendar_draft',
    says: 'facebook takes 63,206 characters',
    earlier: one,
    inside: posts({ text: 'a'.repeat(textLimits.facebook) }),
    outside: posts({ text: 'a'.repeat(textLimits.facebook + 1) }),
    refused: '/posts/0/text too_big',
  },
  {
    stage: 'calendar_draft',
    says: 'instagram takes thirty hashtags',
    earlier: one,
    inside: posts({ network: 'instagram', text: tags(30) }, { network: 'facebook', text: tags(31) }),
    outside: posts({ network: 'facebook', text: tags(31) }, { network: 'instagram', text: tags(31) }),
    refused: '/posts/1/text too_many_hashtags',
  },
  {
    stage: 'calendar_draft',
    says: 'a network has each text once',
    earlier: one,
    inside: posts({ text: 'Hello.' }, { network: 'x', text: 'Hello.' }),
    outside: posts({ text: 'Hello.' }, { text: 'HELLO.' }),
    refused: '/posts/1/text duplicate',
  },
  {
    stage: 'calendar_draft',
    says: 'every link carries utm_source',
    earlier: one,
    inside: posts({ link: 'https://example.com/?a=b&utm_source=x' }),
    outside: posts({ link: 'https://example.com/?a=b&utm_medium=x' }),
    refused: '/posts/0/link untagged',
  },
  {
    stage: 'calendar_draft',
    says: 'the month is filled',
    earlier: { intake: { posts_a_month: 2 } },
    inside: posts({ text: 'One.' }, { text: 'Two.' }),
    outside: posts({ text: 'One.' }),
    refused: '/posts empty_slots',
  },
  {
    stage: 'scheduled',
    says: 'every approved post is scheduled',
    earlier: { calendar_draft: posts({ text: 'One.' }, { text: 'Two.' }) },
    inside: scheduledAt('post-1', 'post-2'),
    outside: scheduledAt('post-1'),
    refused: '/posts not_scheduled',
  },
];

const prospect = (site: string) => ({ site, authority: 45, traffic: 12_000, language: 'en', price: 15_000 });
const prospects = (...sites: string[]) => ({ sites: sites.map(prospect) });
const agreed = {
  intake: { anchors: ['a calm clinic'], targets: ['https://example.com/offer'] },
  prospect_list: prospects('healthmagazine.org'),
};
const article = (fields: Data = {}) => ({
  articles: [
    {
      site: 'healthmagazine.org',
      anchor: 'a calm clinic',
      target: 'https://example.com/offer',
      document: 'https://docs.example.com/1',
      plagiarism_percent: 10,
      ...fields,
    },
  ],
});
const link = (page: string) => ({ page, target: 'https://example.com/offer', anchor: 'a calm clinic' });
const seen = (page: string) => ({ page, status: 200, indexable: true, anchor_found: true, rel: '' });
const pages = ['https://healthmagazine.org/1', 'https://healthmagazine.org/2'] as const;

export const backlinks: RuleCase[] = [
  ...tierCases('quantity', { basic: 5, standard: 10, premium: 25 }),
  {
    stage: 'intake',
    says: 'every target is a page of the domain',
    inside: { targets: ['https://example.com/a', 'https://shop.example.com/b'] },
    outside: { targets: ['https://example.com/a', 'https://example.org/b'] },
    refused: '/targets/1 off_domain',
  },
  {
    stage: 'prospect_list',
    says: 'the site of the client is no prospect',
    inside: prospects('healthmagazine.org', 'example.org'),
    outside: prospects('healthmagazine.org', 'blog.example.com'),
    refused: '/sites/1/site own_site',
  },
  {
    stage: 'prospect_list',
    says: 'each site is a prospect once',
    inside: prospects('healthmagazine.org', 'example.org'),
    outside: prospects('healthmagazine.org', 'blog.healthmagazine.org'),
    refused: '/sites/1/site duplicate',
  },
  {
    stage: 'content_written',
    says: 'an article is for a site of the prospect list',
    earlier: agreed,
    inside: article(),
    outside: article({ site: 'example.org' }),
    refused: '/articles/0/site not_on_list',
  },
  {
    stage: 'content_written',
    says: 'an article has an anchor that was agreed',
    earlier: agreed,
    inside: article(),
    outside: article({ anchor: 'a cheap clinic' }),
    refused: '/articles/0/anchor not_agreed',
  },
  {
    stage: 'content_written',
    says: 'an article leads to a target that was agreed',
    earlier: agreed,
    inside: article(),
    outside: article({ target: 'https://example.com/else' }),
    refused: '/articles/0/target not_agreed',
  },
  {
    stage: 'placed',
    says: 'a link stands on an approved site',
    earlier: agreed,
    inside: { links: [link(pages[0])] },
    outside: { links: [link(pages[0]), link('https://example.org/2')] },
    refused: '/links/1/page not_approved',
  },
  {
    stage: 'placed',
    says: 'all links that were ordered are placed',
    earlier: { ...agreed, intake: { quantity: 2 } },
    inside: { links: pages.map(link) },
    outside: { links: [link(pages[0])] },
    refused: '/links too_few',
  },
  {
    stage: 'link_verified',
    says: 'all links that are placed are verified',
    earlier: { placed: { links: pages.map(link) } },
    inside: { links: pages.map(seen) },
    outside: { links: [seen(pages[1])] },
    refused: '/links not_verified',
  },
];
