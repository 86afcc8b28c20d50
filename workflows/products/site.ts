/**
 * How a site order is set up: assets and access are collected side by side, the client approves page tree, design and
 * launch one after the other, and mail must survive the move of the domain.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver } from '../validators/contact.ts';
import { fault, repeats } from '../validators/rules.ts';
import { evidence, holds, isoTime, languageCode, text } from '../validators/text.ts';
import { domain, secureAddress, pagePath as slug, webAddress } from '../validators/web.ts';
import { allHold, allTrue, found, leaves, noOptions, rule, tiers } from './exit.ts';
import { looksBy, movedSite } from './look-at.ts';
import { grant } from './needs.ts';
import { ann } from './samples.ts';

const designChanges = { basic: 1, standard: 2, premium: 4 };
const vitals = { lcp: 2_500, inp: 200, cls: 0.1 };

const intake = leaves(
  {
    goals: z.array(text(300)).min(1, 'Name at least one goal.').max(10),
    audience: text(500),
    references: z.array(webAddress).max(10).default([]),
    pages: z.array(text(120)).min(1, 'Name at least one page.').max(200),
    features: z
      .array(z.enum(['forms', 'shop', 'booking', 'blog', 'chat']))
      .max(5)
      .default([]),
    languages: z.array(languageCode).min(1).max(20),
    legal_entity: text(300),
    domain: z.union([z.literal('register'), domain]),
    approver,
  },
  {
    goals: ['More bookings'],
    audience: 'Families in Austin',
    pages: ['Home', 'Team', 'Contact'],
    features: ['forms'],
    languages: ['en'],
    legal_entity: 'Riverside Dental LLC, Texas',
    domain: 'example.com',
    approver: ann,
  },
);

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'Enter a colour such as #1a2b3c.');
const image = z.strictObject({ url: webAddress, rights: text(200) });
const assets = leaves(
  {
    logo: webAddress,
    logo_width: z.int().min(1_000, 'Use a vector file, or at least 1,000 px.'),
    colours: z.array(colour).min(1).max(12),
    texts: z.enum(['given', 'we-write']),
    images: z.array(image).max(500).default([]),
  },
  { logo: 'https://example.com/logo.svg', logo_width: 2_000, colours: ['#1a2b3c'], texts: 'we-write' },
);

const access = leaves(
  {
    dns: holds('we have access to registrar or DNS'),
    hosting: z.enum(['ours', 'theirs']),
    old_cms: z.boolean(),
    analytics: holds('we have access to GA4 or Tag Manager'),
    mail_records: z.array(text(200)).min(1, 'List the mail records; they must survive.'),
    evidence,
  },
  {
    dns: true,
    hosting: 'ours',
    old_cms: false,
    analytics: true,
    mail_records: ['MX 10 mail.example.com'],
    evidence: 'Registrar, DNS zone export',
  },
);

const sitemap = leaves(
  {
    pages: z
      .array(z.strictObject({ title: text(120), slug }))
      .min(1)
      .max(500),
    redirects: z
      .array(z.strictObject({ from: slug, to: slug }))
      .max(5_000)
      .default([]),
  },
  {
    pages: [
      { title: 'Home', slug: '/' },
      { title: 'Team', slug: '/team' },
      { title: 'Contact', slug: '/contact' },
    ],
    redirects: [{ from: '/about', to: '/team' }],
  },
);

const pageKind = z.enum(['home', 'inner']);
const device = z.enum(['mobile', 'desktop']);
const views = pageKind.options.flatMap((page) => device.options.map((shown) => ({ page, device: shown })));
const draft = z.strictObject({ page: pageKind, device, url: webAddress });
const design = leaves(
  {
    drafts: z.array(draft).min(1).max(40),
  },
  { drafts: views.map((view) => ({ ...view, url: `https://design.example.com/${view.page}-${view.device}` })) },
);

const build = leaves(
  {
    staging: secureAddress,
    noindex: holds('staging is not indexed'),
    pages: z.array(slug).min(1).max(500),
    forms_deliver: holds('the forms deliver to the right mail'),
    consent: holds('there is a consent banner'),
    legal: holds('imprint and privacy are there'),
  },
  {
    staging: 'https://staging.example.com/',
    noindex: true,
    pages: ['/', '/team', '/contact'],
    forms_deliver: true,
    consent: true,
    legal: true,
  },
);

const checklist = {
  links: 'every link opens',
  forms: 'the forms are tested',
  viewport: 'the viewport is set',
  alt_texts: 'images have alt texts',
  not_found_page: 'there is a 404 page',
  redirects: 'the redirects work',
  titles: 'titles are set',
};
const qa = leaves(
  {
    ...allHold(checklist),
    lcp_ms: z.int().min(0).max(vitals.lcp, 'LCP within 2.5 s.'),
    inp_ms: z.int().min(0).max(vitals.inp, 'INP within 200 ms.'),
    cls: z.number().min(0).max(vitals.cls, 'CLS within 0.1.'),
  },
  { ...allTrue(checklist), lcp_ms: 1_900, inp_ms: 120, cls: 0.02 },
);

const cutover = leaves(
  {
    records: z.array(text(200)).min(1, 'List the records.'),
    low_ttl_at: isoTime,
    tls: holds('TLS is valid'),
    www_and_apex: holds('www and apex answer'),
    mail_unchanged: holds('the mail records are unchanged'),
    roll_back: text(1_000),
  },
  {
    records: ['A 203.0.113.10'],
    low_ttl_at: '2026-04-01T09:00:00Z',
    tls: true,
    www_and_apex: true,
    mail_unchanged: true,
    roll_back: 'Point A back to the old host.',
  },
);

const launchFacts = {
  noindex_removed: 'noindex is removed',
  sitemap_submitted: 'the sitemap is submitted',
  analytics_hit: 'a hit was seen',
  uptime_check: 'the uptime check is on',
};
const launched = leaves(
  { url: secureAddress, status: z.literal(200, 'The site must answer 200.'), ...allHold(launchFacts) },
  { url: 'https://example.com/', status: 200, ...allTrue(launchFacts) },
);

const slugsDiffer = rule(sitemap, ({ pages }) =>
  repeats(pages, ({ slug: path }) => path.replace(/\/$/, '')).map((index) =>
    fault(`/pages/${index}/slug`, 'duplicate', 'Each page needs its own path.'),
  ),
);

const redirectsLead = rule(sitemap, ({ pages, redirects }) =>
  redirects.flatMap(({ to }, index) =>
    pages.some(({ slug: path }) => path === to)
      ? []
      : [fault(`/redirects/${index}/to`, 'leads_nowhere', 'Redirect to a page of the tree.')],
  ),
);

const allDrafted = rule(design, ({ drafts }) =>
  views
    .filter(({ page, device }) => !drafts.some((draft) => draft.page === page && draft.device === device))
    .map(({ page, device }) => fault('/drafts', 'missing_draft', `Show the ${page} page on ${device} as well.`)),
);

const allBuilt = rule(build, ({ pages }, state) =>
  (found(sitemap, state, 'sitemap_draft')?.pages ?? [])
    .filter(({ slug: path }) => !pages.includes(path))
    .map(({ slug: path }) => fault('/pages', 'missing_page', `The page ${path} must be built as well.`)),
);

export const site = defineWorkflow({
  product: 'site',
  version: 1,
  title: 'Site',
  managed: false,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your site', gate: 'form', exit: intake, budget: 3 },
    assets_collected: {
      title: 'Logo, colours, texts and images',
      gate: 'form',
      exit: assets,
      budget: 10,
      backTo: ['intake'],
    },
    access_granted: {
      title: 'Access to domain and hosting',
      gate: 'access',
      exit: access,
      budget: 5,
      after: ['intake'],
      backTo: ['intake'],
    },
    sitemap_draft: {
      title: 'Page tree',
      gate: 'work',
      exit: sitemap,
      rules: [slugsDiffer, redirectsLead],
      budget: 2,
      after: ['intake'],
      backTo: ['intake'],
    },
    sitemap_approval: {
      title: 'Approve the page tree',
      gate: 'approval',
      shows: ['sitemap_draft'],
      budget: 3,
      backTo: ['sitemap_draft', 'intake'],
    },
    design_draft: {
      title: 'Design',
      gate: 'work',
      exit: design,
      rules: [allDrafted],
      budget: 8,
      after: ['assets_collected', 'sitemap_approval'],
    },
    design_approval: {
      title: 'Approve the design',
      gate: 'approval',
      shows: ['design_draft'],
      budget: 5,
      backTo: ['design_draft'],
      rounds: designChanges,
    },
    build: {
      title: 'Build the site',
      gate: 'work',
      exit: build,
      rules: [allBuilt],
      budget: 10,
      after: ['design_approval', 'access_granted'],
      backTo: ['design_draft'],
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 2,
      backTo: ['build'],
      vouchesFor: [
        ...(['intake', 'assets_collected', 'access_granted', 'sitemap_draft'] as const),
        ...(['sitemap_approval', 'design_draft', 'design_approval', 'build'] as const),
      ],
    },
    launch_approval: {
      title: 'Approve the launch',
      gate: 'approval',
      shows: ['build', 'qa'],
      budget: 3,
      backTo: ['build'],
      guards: 'launch',
    },
    dns_cutover: { needs: [grant('dns')], title: 'Move the domain', gate: 'work', exit: cutover, budget: 2 },
    launched: {
      makes: 'site.launched',
      title: 'Launched',
      gate: 'auto',
      exit: launched,
      looks: looksBy(launched, ({ url }) => movedSite(url)),
      budget: 1,
      backTo: ['dns_cutover'],
    },
  },
});
