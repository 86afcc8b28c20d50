/**
 * How an SEO order is set up: nothing is planned before the site has been looked at, the client approves the plan, and
 * pages and tracking are then made ready side by side before a second person checks both.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver, nap } from '../validators/contact.ts';
import { conversionLabel, ga4MeasurementId, ga4PropertyId } from '../validators/ids.ts';
import { locations } from '../validators/places.ts';
import { fault, repeats } from '../validators/rules.ts';
import { evidence, holds, isoDate, keywords, text } from '../validators/text.ts';
import { domain, gscProperty, isOnDomain, readableHost, webAddress } from '../validators/web.ts';
import type { OrderState } from '../words/state.ts';
import { found, leaves, rule, tiers } from './exit.ts';
import { carries, looksBy, openSite } from './look-at.ts';
import { grant, launchedSite } from './needs.ts';
import { ann, austin, riverside } from './samples.ts';

const intake = leaves(
  {
    domain,
    business_name: text(120),
    nap,
    service_area: locations,
    goals: z.array(text(300)).min(1, 'Name at least one goal.').max(10),
    competitors: z.array(domain).min(1, 'Name 1 to 5 competitors.').max(5, 'Name 1 to 5 competitors.'),
    seed_keywords: keywords(5, 100),
    cms: z.enum(['wordpress', 'shopify', 'wix', 'squarespace', 'webflow', 'drupal', 'custom', 'other']),
    approver,
  },
  {
    domain: 'example.com',
    business_name: 'Riverside Dental',
    nap: riverside,
    service_area: austin,
    goals: ['More patients from search'],
    competitors: ['example.org'],
    seed_keywords: ['dentist', 'dentist austin', 'teeth cleaning', 'dental implants', 'family dentist'],
    cms: 'wordpress',
    approver: ann,
  },
);

const access = leaves(
  {
    gsc_property: gscProperty,
    gsc_permission: z.enum(['owner', 'full'], 'Our user needs the permission owner or full.'),
    ga4_property_id: ga4PropertyId,
    ga4_role: z.enum(['viewer', 'analyst', 'editor', 'administrator']),
    gbp_manager: z.boolean(),
    cms_admin: holds('we are admin of the CMS'),
    evidence,
  },
  {
    gsc_property: 'sc-domain:example.com',
    gsc_permission: 'full',
    ga4_property_id: '123456789',
    ga4_role: 'editor',
    gbp_manager: true,
    cms_admin: true,
    evidence: 'Each was opened and seen on the same day',
  },
);

const audit = leaves(
  {
    crawled_on: isoDate,
    site_status: z.literal(200, 'The site must answer 200.'),
    pages_crawled: z.int().min(1),
    indexed: z.int().min(0),
    faults: z
      .array(z.strictObject({ url: webAddress, kind: z.enum(['noindex', 'robots', '4xx', '5xx', 'other']) }))
      .max(5_000),
    web_vitals: z.strictObject({ lcp_ms: z.int().min(0), inp_ms: z.int().min(0), cls: z.number().min(0) }),
    ranks_on: isoDate,
  },
  {
    crawled_on: '2026-03-02',
    site_status: 200,
    pages_crawled: 42,
    indexed: 37,
    faults: [],
    web_vitals: { lcp_ms: 2100, inp_ms: 150, cls: 0.05 },
    ranks_on: '2026-03-02',
  },
);

const planned = z.strictObject({
  keyword: text(80),
  url: webAddress,
  intent: z.enum(['informational', 'navigational', 'commercial', 'transactional']),
  topic: text(80),
  location: text(120),
});
const words = [
  'dentist',
  'teeth cleaning',
  'dental implants',
  'family dentist',
  'emergency dentist',
  'root canal',
  'braces',
  'veneers',
  'whitening',
  'gum care',
];
const plan = leaves(
  {
    keywords: z.array(planned).min(10, 'Plan at least 10 keywords.').max(500),
    roadmap: z.array(text(300)).min(1, 'Enter the roadmap.').max(24),
  },
  {
    keywords: words.map((word) => ({
      keyword: word,
      url: `https://example.com/${word.replace(' ', '-')}`,
      intent: 'commercial' as const,
      topic: word,
      location: 'Austin',
    })),
    roadmap: ['Month 1: the service pages', 'Month 2: local pages'],
  },
);

const page = z.strictObject({
  url: webAddress,
  title: text(70),
  description: text(160),
  h1: text(120),
  schema: text(60),
  internal_links: z.int().min(0),
  before: text(500),
  after: text(500),
});
const onpage = leaves(
  {
    pages: z.array(page).min(1, 'Name the pages that were changed.').max(500),
    redirects: z
      .array(z.strictObject({ from: webAddress, to: webAddress }))
      .max(2_000)
      .default([]),
  },
  {
    pages: [
      {
        url: 'https://example.com/dentist',
        title: 'Dentist in Austin',
        description: 'A calm clinic by the river.',
        h1: 'Your dentist in Austin',
        schema: 'Dentist',
        internal_links: 4,
        before: 'Home',
        after: 'Dentist in Austin',
      },
    ],
    redirects: [{ from: 'https://example.com/old', to: 'https://example.com/dentist' }],
  },
);

const tracking = leaves(
  {
    ga4_measurement_id: ga4MeasurementId,
    seen_on: webAddress,
    gsc_verified: holds('Search Console is verified'),
    sitemap: webAddress,
    sitemap_status: z.literal(200, 'The sitemap must answer 200.'),
    conversion_events: z
      .array(z.union([conversionLabel, text(40)]))
      .min(1, 'Name at least one conversion event.')
      .max(50),
  },
  {
    ga4_measurement_id: 'G-AB12CD34EF',
    seen_on: 'https://example.com',
    gsc_verified: true,
    sitemap: 'https://example.com/sitemap.xml',
    sitemap_status: 200,
    conversion_events: ['generate_lead'],
  },
);

const qa = leaves(
  {
    indexable: holds('every page is indexable'),
    canonical: holds('canonicals are right'),
    no_mixed_content: holds('there is no mixed content'),
    notes: text(2_000).optional(),
  },
  { indexable: true, canonical: true, no_mixed_content: true },
);

const live = leaves(
  { first_report_on: isoDate, cadence: z.enum(['weekly', 'monthly', 'quarterly']), next_roadmap_on: isoDate },
  { first_report_on: '2026-05-01', cadence: 'monthly', next_roadmap_on: '2026-06-01' },
);

const onTheDomain = rule(plan, (data, state) => {
  const host = found(intake, state, 'intake')?.domain;
  return data.keywords.flatMap(({ url }, index) =>
    host && !isOnDomain(url, host)
      ? [fault(`/keywords/${index}/url`, 'off_domain', `Enter a page on ${readableHost(host)}.`)]
      : [],
  );
});

/** Two pages for one intent compete with each other. */
const oneUrlPerIntent = rule(plan, (data) =>
  data.keywords.flatMap(({ topic, intent, url }, index) => {
    const first = data.keywords.find((other) => other.topic === topic && other.intent === intent);
    return first && first.url !== url
      ? [
          fault(
            `/keywords/${index}/url`,
            'competing_pages',
            `"${topic}" (${intent}) has ${first.url} already; give that page.`,
          ),
        ]
      : [];
  }),
);

const redirectsAreFlat = rule(onpage, ({ redirects }) => {
  const sources = new Set(redirects.map(({ from }) => from));
  const repeated = repeats(redirects, ({ from }) => from);
  return redirects.flatMap(({ to }, index) =>
    sources.has(to) || repeated.includes(index)
      ? [fault(`/redirects/${index}`, 'redirect_chain', 'Redirect straight to the last page, and each page once.')]
      : [],
  );
});

/** Nothing is reported on a site that has gone, or that keeps searchers out, since it was looked over. */
const siteIsOpen = (state: OrderState) => {
  const host = found(intake, state, 'intake')?.domain;
  return host ? openSite(host) : [];
};

export const seo = defineWorkflow({
  product: 'seo',
  version: 1,
  title: 'SEO',
  managed: true,
  tiers,
  options: z.strictObject({ local: z.boolean().default(true), site: z.enum(['live', 'ordered']).default('live') }),
  stages: {
    intake: { title: 'Tell us about your site', gate: 'form', exit: intake, budget: 3 },
    access_granted: { title: 'Access to site and tools', gate: 'access', exit: access, budget: 5, backTo: ['intake'] },
    baseline_audit: {
      needs: [launchedSite, grant('search_console')],
      title: 'Baseline audit',
      gate: 'work',
      exit: audit,
      budget: 5,
      backTo: ['access_granted'],
    },
    keyword_plan: { title: 'Keyword plan', gate: 'work', exit: plan, rules: [onTheDomain, oneUrlPerIntent], budget: 3 },
    strategy_approval: {
      title: 'Approve plan and roadmap',
      gate: 'approval',
      shows: ['keyword_plan'],
      budget: 5,
      backTo: ['keyword_plan'],
    },
    onpage_setup: {
      needs: [grant('cms')],
      title: 'Pages',
      gate: 'work',
      exit: onpage,
      rules: [redirectsAreFlat],
      budget: 10,
    },
    tracking_verified: {
      needs: [grant('analytics')],
      title: 'Tracking',
      gate: 'work',
      exit: tracking,
      looks: looksBy(tracking, ({ ga4_measurement_id: tag, seen_on: url, sitemap: at }) => [
        ...carries(url, tag),
        { look: 'sitemap', url, at },
      ]),
      budget: 2,
      after: ['strategy_approval'],
      backTo: ['access_granted'],
      guards: 'tracking',
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 2,
      after: ['onpage_setup', 'tracking_verified'],
      backTo: ['onpage_setup'],
      vouchesFor: [
        ...(['intake', 'access_granted', 'baseline_audit', 'keyword_plan'] as const),
        ...(['strategy_approval', 'onpage_setup', 'tracking_verified'] as const),
      ],
    },
    live: { title: 'Live', gate: 'auto', exit: live, looks: siteIsOpen, budget: 1 },
  },
});
