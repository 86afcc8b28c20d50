/**
 * How a backlinks order is set up: sites are found, approved where the tier says so, written for, and each link is
 * looked at on the page it stands on. How many of the links are placed is data of the order, not a stage.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver, country } from '../validators/contact.ts';
import { minorUnits } from '../validators/money.ts';
import { fault, repeats } from '../validators/rules.ts';
import { holds, isoDate, languageCode, text } from '../validators/text.ts';
import { domain, isOnDomain, readableHost, registrable, secureAddress, webAddress } from '../validators/web.ts';
import { factsOf, type Look } from '../words/looks.ts';
import type { OrderState } from '../words/state.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import type { Finds } from './look-at.ts';
import { ann } from './samples.ts';

const linksByTier: Record<string, number> = { basic: 5, standard: 10, premium: 25 };
const exactMatchShare = 0.3;

const anchor = text(80);

const intake = leaves(
  {
    domain,
    niche: text(120),
    targets: z.array(webAddress).min(1, 'Name 1 to 10 target pages.').max(10, 'Name 1 to 10 target pages.'),
    anchors: z.array(anchor).min(1, 'Name at least one anchor.').max(50),
    forbidden: z.array(text(120)).max(200).default([]),
    quantity: z.int().min(1).max(100),
    language: languageCode,
    country,
    approver,
  },
  {
    domain: 'example.com',
    niche: 'Dentistry',
    targets: ['https://example.com/offer'],
    anchors: ['a calm clinic'],
    quantity: 1,
    language: 'en',
    country: 'US',
    approver: ann,
  },
);

const targets = leaves(
  {
    pages: z
      .array(
        z.strictObject({
          url: secureAddress,
          status: z.literal(200, 'The page must answer 200.'),
          redirects: z.int().min(0).max(1, 'After one redirect at most.'),
          indexable: holds('it is indexable'),
          canonical: holds('it is canonical to itself'),
        }),
      )
      .min(1),
  },
  { pages: [{ url: 'https://example.com/offer', status: 200, redirects: 0, indexable: true, canonical: true }] },
);

const prospect = z.strictObject({
  site: domain,
  authority: z.int().min(0).max(100),
  traffic: z.int().min(0),
  language: languageCode,
  price: minorUnits,
});
const prospects = leaves(
  {
    sites: z.array(prospect).min(1).max(500),
    exact_match_share: z.number().min(0).max(exactMatchShare, 'At most 30 % of the anchors may match exactly.'),
    conflicts: z.array(text(200)).max(0, 'Only without conflicts with earlier orders.'),
  },
  {
    sites: [{ site: 'healthmagazine.org', authority: 45, traffic: 12_000, language: 'en', price: 15_000 }],
    exact_match_share: 0.2,
    conflicts: [],
  },
);

const placement = z.strictObject({ site: domain, anchor, target: webAddress });
const written = leaves(
  {
    articles: z
      .array(
        placement.extend({ document: webAddress, plagiarism_percent: z.number().min(0).max(10, 'Only below 10 %.') }),
      )
      .min(1)
      .max(100),
  },
  {
    articles: [
      {
        site: 'healthmagazine.org',
        anchor: 'a calm clinic',
        target: 'https://example.com/offer',
        document: 'https://docs.example.com/articles/1',
        plagiarism_percent: 1,
      },
    ],
  },
);

const placed = leaves(
  {
    links: z
      .array(z.strictObject({ page: webAddress, target: webAddress, anchor }))
      .min(1)
      .max(100),
  },
  {
    links: [{ page: 'https://healthmagazine.org/teeth', target: 'https://example.com/offer', anchor: 'a calm clinic' }],
  },
);

const verified = leaves(
  {
    links: z
      .array(
        z.strictObject({
          page: webAddress,
          status: z.literal(200, 'The page must answer 200.'),
          indexable: holds('it is indexable'),
          anchor_found: holds('the anchor is found'),
          rel: z.string().max(80),
        }),
      )
      .min(1)
      .max(100),
  },
  { links: [{ page: 'https://healthmagazine.org/teeth', status: 200, indexable: true, anchor_found: true, rel: '' }] },
);

const report = leaves(
  {
    links: z
      .array(z.strictObject({ page: webAddress, anchor, rel: z.string().max(80), date: isoDate }))
      .min(1)
      .max(100),
  },
  { links: [{ page: 'https://healthmagazine.org/teeth', anchor: 'a calm clinic', rel: '', date: '2026-03-31' }] },
);

const onTheDomain = rule(intake, (form) =>
  form.targets.flatMap((url, index) =>
    isOnDomain(url, form.domain)
      ? []
      : [fault(`/targets/${index}`, 'off_domain', `Enter a page on ${readableHost(form.domain)}.`)],
  ),
);

const tierAllows = rule(intake, ({ quantity }, { tier }) => {
  const most = linksByTier[tier] ?? 100;
  return quantity <= most ? [] : [fault('/quantity', 'over_tier', `The ${tier} tier has up to ${most} links.`)];
});

const sitesDiffer = rule(prospects, ({ sites }, state) => {
  const own = registrable(found(intake, state, 'intake')?.domain ?? '');
  const again = repeats(sites, ({ site }) => registrable(site) ?? site);
  return sites.flatMap(({ site }, index) => {
    if (registrable(site) === own)
      return [fault(`/sites/${index}/site`, 'own_site', 'Use a site that does not belong to the client.')];
    return again.includes(index) ? [fault(`/sites/${index}/site`, 'duplicate', 'Name each site once.')] : [];
  });
});

const asApproved = rule(written, ({ articles }, state) => {
  const form = found(intake, state, 'intake');
  const sites = found(prospects, state, 'prospect_list')?.sites;
  return articles.flatMap(({ site, anchor: words, target }, index) => [
    ...(sites && !sites.some((known) => known.site === site)
      ? [fault(`/articles/${index}/site`, 'not_on_list', 'Use a site from the prospect list.')]
      : []),
    ...(form && !form.anchors.includes(words)
      ? [fault(`/articles/${index}/anchor`, 'not_agreed', 'Use one of the agreed anchor texts.')]
      : []),
    ...(form && !form.targets.includes(target)
      ? [fault(`/articles/${index}/target`, 'not_agreed', 'Use one of the agreed target pages.')]
      : []),
  ]);
});

const onApprovedSites = rule(placed, ({ links }, state) => {
  const sites = found(prospects, state, 'prospect_list')?.sites;
  return links.flatMap(({ page }, index) =>
    sites && !sites.some(({ site }) => isOnDomain(page, site))
      ? [fault(`/links/${index}/page`, 'not_approved', 'Use a page on an approved site.')]
      : [],
  );
});

const allPlaced = rule(placed, ({ links }, state) => {
  const ordered = found(intake, state, 'intake')?.quantity ?? 0;
  return links.length >= ordered
    ? []
    : [fault('/links', 'too_few', `${ordered} links were ordered; ${links.length} are placed.`)];
});

const allVerified = rule(verified, ({ links }, state) =>
  (found(placed, state, 'placed')?.links ?? [])
    .filter(({ page }) => !links.some((link) => link.page === page))
    .map(({ page }) => fault('/links', 'not_verified', `The link on ${page} must be verified as well.`)),
);

const targetsOf = (state: OrderState) => found(intake, state, 'intake')?.targets ?? [];
const linksOf = (state: OrderState) => found(placed, state, 'placed')?.links ?? [];

const looksAtTarget = (url: string): Look[] => [
  { look: 'answers', url: url.replace(/^http:/, 'https:'), redirects: 1 },
  { look: 'indexable', url: url.replace(/^http:/, 'https:') },
  { look: 'canonical', url: url.replace(/^http:/, 'https:') },
];

const looksAtLink = ({ page, target, anchor: words }: z.infer<typeof placed>['links'][number]): Look[] => [
  { look: 'answers', url: page },
  { look: 'indexable', url: page },
  { look: 'backlink', url: page, target, anchor: words },
];

const foundTargets: Finds = (looked, state) => ({
  pages: targetsOf(state).map((target) => {
    const [answers] = looksAtTarget(target);
    const { status, redirects } = factsOf(looked, answers);
    return { url: target.replace(/^http:/, 'https:'), status, redirects, indexable: true, canonical: true };
  }),
});

const foundLinks: Finds = (looked, state) => ({
  links: linksOf(state).map((link) => {
    const [answers, , backlink] = looksAtLink(link);
    const { status } = factsOf(looked, answers);
    const { rel } = factsOf(looked, backlink);
    return { page: link.page, status, indexable: true, anchor_found: true, rel };
  }),
});

export const backlinks = defineWorkflow({
  product: 'backlinks',
  version: 1,
  title: 'Backlinks',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: {
      title: 'Tell us about your targets',
      gate: 'form',
      exit: intake,
      rules: [onTheDomain, tierAllows],
      budget: 3,
    },
    target_check: {
      title: 'Check the targets',
      gate: 'auto',
      exit: targets,
      looks: (state) => targetsOf(state).flatMap(looksAtTarget),
      finds: foundTargets,
      budget: 1,
      backTo: ['intake'],
    },
    prospect_list: { title: 'Find sites', gate: 'work', exit: prospects, rules: [sitesDiffer], budget: 5 },
    client_approval: {
      title: 'Approve the sites',
      gate: 'approval',
      shows: ['prospect_list'],
      budget: 3,
      backTo: ['prospect_list'],
      when: { tiers: ['standard', 'premium'], otherwise: 'The basic tier goes without the approval of sites.' },
    },
    content_written: { title: 'Write the articles', gate: 'work', exit: written, rules: [asApproved], budget: 7 },
    placed: {
      title: 'Place the links',
      gate: 'external',
      exit: placed,
      rules: [onApprovedSites, allPlaced],
      budget: 15,
      backTo: ['prospect_list'],
    },
    link_verified: {
      title: 'Verify the links',
      gate: 'auto',
      exit: verified,
      rules: [allVerified],
      looks: (state) => linksOf(state).flatMap(looksAtLink),
      finds: foundLinks,
      lookAgain: [7, 30, 90],
      budget: 1,
      backTo: ['placed'],
    },
    report: { title: 'Report', gate: 'work', exit: report, budget: 1 },
  },
});
