/** The rules of the products around a business and its site: profile, listings, search and the site itself. */
import type { Data } from '../../../workflows/graph/stage.ts';
import { riverside } from '../../../workflows/products/samples.ts';
import type { RuleCase } from './rule-case.ts';

export const gbp: RuleCase[] = [
  {
    stage: 'intake',
    says: 'each category is named once, the first among them',
    inside: { category: 'Dentist', further_categories: ['Orthodontist', 'Clinic'] },
    outside: { category: 'Dentist', further_categories: ['Clinic', 'DENTIST'] },
    refused: '/further_categories/1 duplicate',
  },
  {
    stage: 'duplicate_check',
    says: 'where nothing was found the profile is created',
    inside: { found: [], decision: 'create' },
    outside: { found: [], decision: 'merge' },
    refused: '/decision nothing_found',
  },
  {
    stage: 'duplicate_check',
    says: 'what was found can be claimed',
    inside: { found: ['ChIJN1t_tDeuEmsRUsoyG83frY4'], decision: 'claim' },
    outside: { found: [], decision: 'claim' },
    refused: '/decision nothing_found',
  },
  ...Object.entries({ name: 'Riverside Dental Austin', phone: '+15125550133', postal_code: '78702' }).map(
    ([field, other]) => ({
      stage: 'profile_optimised',
      says: `the ${field} is what the client has confirmed`,
      earlier: { intake: { nap: riverside } },
      inside: { [field]: riverside[field as keyof typeof riverside] },
      outside: { [field]: other },
      refused: `/${field} differs`,
    }),
  ),
];

const find = (fields: Data) => ({ found: [{ directory: 'yelp', url: 'https://yelp.com/biz/riverside', ...fields }] });
const listing = (directory: string, fields: Data = {}) => ({
  directory,
  id: 'listing-1',
  state: 'submitted',
  ...fields,
});
const five = ['google', 'bing', 'apple', 'yelp', 'foursquare'];
const inSync = (states: readonly Data[]) => ({
  listings: five.map((name, index) => listing(name, { state: 'live', matches: true, ...states[index] })),
});

export const listings: RuleCase[] = [
  {
    stage: 'duplicate_scan',
    says: 'a match of 0.9 is sure, one below it is decided by a person',
    inside: find({ score: 0.9 }),
    outside: find({ score: 0.899 }),
    refused: '/found/0/decision undecided',
  },
  {
    stage: 'duplicate_scan',
    says: 'a match below 0.6 is none',
    inside: find({ score: 0.599 }),
    outside: find({ score: 0.6 }),
    refused: '/found/0/decision undecided',
  },
  {
    stage: 'duplicate_scan',
    says: 'a doubtful match is left with a decision',
    inside: find({ score: 0.7, decision: 'keep' }),
    outside: find({ score: 0.7 }),
    refused: '/found/0/decision undecided',
  },
  {
    stage: 'submitted',
    says: 'each directory is named once',
    inside: { listings: [listing('google'), listing('bing')] },
    outside: { listings: [listing('google'), listing('Google')] },
    refused: '/listings/1/directory duplicate',
  },
  {
    stage: 'synced',
    says: 'four of five listings are live',
    inside: inSync([{ state: 'processing' }]),
    outside: inSync([{ state: 'processing' }, { state: 'rejected' }]),
    refused: '/listings too_few_live',
  },
  {
    stage: 'synced',
    says: 'four of five listings say what the client has confirmed',
    inside: inSync([{ matches: false }]),
    outside: inSync([{ matches: false }, { matches: false }]),
    refused: '/listings too_few_live',
  },
  {
    stage: 'synced',
    says: 'a share of the listings is rounded up',
    earlier: { submitted: { listings: [...five, 'here'].map((name) => listing(name)) } },
    inside: inSync([]),
    outside: inSync([{ matches: false }]),
    refused: '/listings too_few_live',
  },
];

const planned = (fields: Data = {}) => ({
  ...{ keyword: 'dentist', url: 'https://example.com/dentist', intent: 'commercial', topic: 'dentist' },
  location: 'Austin',
  ...fields,
});
const plan = (...last: Data[]) => ({
  keywords: [
    ...Array.from({ length: 10 }, (_, index) => planned({ topic: `topic ${index}` })),
    ...last.map((fields) => planned(fields)),
  ],
});
const redirects = (...pairs: [string, string][]) => ({
  redirects: pairs.map(([from, to]) => ({ from: `https://example.com/${from}`, to: `https://example.com/${to}` })),
});
const area = (include: string[], exclude: string[] = []) => {
  const countries = (codes: string[]) => codes.map((country) => ({ kind: 'country', country }));
  return { service_area: { include: countries(include), exclude: countries(exclude) } };
};

export const seo: RuleCase[] = [
  {
    stage: 'intake',
    says: 'each place is named once',
    inside: area(['US', 'CA']),
    outside: area(['US', 'us']),
    refused: '/service_area/include/1 duplicate',
  },
  {
    stage: 'intake',
    says: 'a place is either in or out',
    inside: area(['US'], ['CA']),
    outside: area(['US'], ['CA', 'US']),
    refused: '/service_area/exclude/1 duplicate',
  },
  {
    stage: 'keyword_plan',
    says: 'a keyword leads to a page of the site',
    inside: plan({ topic: 'else', url: 'https://shop.example.com/a' }),
    outside: plan({ topic: 'else', url: 'https://example.org/a' }),
    refused: '/keywords/10/url off_domain',
  },
  {
    stage: 'keyword_plan',
    says: 'one topic and one intent have one page',
    inside: plan({ topic: 'topic 3', url: 'https://example.com/dentist' }),
    outside: plan({ topic: 'topic 3', url: 'https://example.com/other' }),
    refused: '/keywords/10/url competing_pages',
  },
  {
    stage: 'keyword_plan',
    says: 'one topic may have another page for another intent',
    inside: plan({ topic: 'topic 3', url: 'https://example.com/other', intent: 'informational' }),
    outside: plan({ topic: 'topic 3', url: 'https://example.com/other', intent: 'commercial' }),
    refused: '/keywords/10/url competing_pages',
  },
  {
    stage: 'onpage_setup',
    says: 'a redirect leads straight to its page',
    inside: redirects(['a', 'c'], ['b', 'c']),
    outside: redirects(['a', 'b'], ['b', 'c']),
    refused: '/redirects/0 redirect_chain',
  },
  {
    stage: 'onpage_setup',
    says: 'a page is redirected once',
    inside: redirects(['a', 'c'], ['b', 'd']),
    outside: redirects(['a', 'c'], ['a', 'd']),
    refused: '/redirects/1 redirect_chain',
  },
];

const tree = (slugs: readonly string[], to = '/team') => ({
  pages: slugs.map((slug) => ({ title: 'A page', slug })),
  redirects: [{ from: '/about', to }],
});
const views = ['home mobile', 'home desktop', 'inner mobile', 'inner desktop'];
const drafted = (shown: readonly string[]) => ({
  drafts: shown.map((view) => {
    const [page, device] = view.split(' ');
    return { page, device, url: 'https://design.example.com/1' };
  }),
});

export const site: RuleCase[] = [
  {
    stage: 'sitemap_draft',
    says: 'each page has a path of its own, with or without the last slash',
    inside: tree(['/team', '/teams']),
    outside: tree(['/team', '/team/']),
    refused: '/pages/1/slug duplicate',
  },
  {
    stage: 'sitemap_draft',
    says: 'a redirect leads to a page of the tree',
    inside: tree(['/', '/team'], '/team'),
    outside: tree(['/', '/team'], '/teams'),
    refused: '/redirects/0/to leads_nowhere',
  },
  ...views.map((view) => ({
    stage: 'design_draft',
    says: `the design shows the ${view.replace(' ', ' page on ')}`,
    inside: drafted(views),
    outside: drafted(views.filter((other) => other !== view)),
    refused: '/drafts missing_draft',
  })),
  {
    stage: 'build',
    says: 'every page of the tree is built',
    earlier: { sitemap_draft: tree(['/', '/team']) },
    inside: { pages: ['/team', '/'] },
    outside: { pages: ['/team'] },
    refused: '/pages missing_page',
  },
];
