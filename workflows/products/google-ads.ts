/**
 * How a Google Ads order is set up: access and tracking come before the plan, the client approves plan and spend, and
 * the campaigns are built paused, so that nothing is spent before a second person has checked it.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver, phone } from '../validators/contact.ts';
import {
  conversionLabel,
  ga4MeasurementId,
  googleAdsConversionId,
  googleAdsCustomerId,
  gtmContainerId,
  platformId,
} from '../validators/ids.ts';
import { dailyOf, minorUnits, money } from '../validators/money.ts';
import { locations } from '../validators/places.ts';
import { fault, repeats } from '../validators/rules.ts';
import { evidence, holds, isoDate, languageCode, text } from '../validators/text.ts';
import { secureAddress, webAddress } from '../validators/web.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import { carries, looksBy } from './look-at.ts';
import { grant } from './needs.ts';
import { ann, austin, budget } from './samples.ts';

const intake = leaves(
  {
    google_ads_customer_id: z.union([z.literal('create'), googleAdsCustomerId]),
    monthly_budget: money,
    locations,
    goal: z.enum(['calls', 'forms', 'sales']),
    landing_urls: z.array(webAddress).min(1, 'Enter at least one landing page.').max(20),
    offers: z.array(text(300)).max(20).default([]),
    schedule: text(300).optional(),
    languages: z.array(languageCode).min(1).max(20),
    excluded_terms: z.array(text(80)).max(200).default([]),
    phone: phone.optional(),
    approver,
  },
  {
    google_ads_customer_id: '123-456-7890',
    monthly_budget: budget,
    locations: austin,
    goal: 'calls',
    landing_urls: ['https://example.com/offer'],
    offers: ['Free first visit'],
    languages: ['en'],
    phone: '+15125550132',
    approver: ann,
  },
);

const access = leaves(
  {
    manager_link: z.literal(
      'ACTIVE',
      'The manager link must be ACTIVE; refused and cancelled ones are asked for again.',
    ),
    analytics: holds('we have access to GA4'),
    tag_manager: holds('we have access to Tag Manager'),
    billing_active: holds('the client has set up billing'),
    evidence,
  },
  {
    manager_link: 'ACTIVE',
    analytics: true,
    tag_manager: true,
    billing_active: true,
    evidence: 'Accounts page, seen in the manager account',
  },
);

const tracking = leaves(
  {
    tag: z.union([gtmContainerId, ga4MeasurementId]),
    seen_on: z.array(webAddress).min(1, 'Name the landing pages that carry the tag.'),
    conversions: z
      .array(z.strictObject({ id: googleAdsConversionId, label: conversionLabel }))
      .min(1, 'Enter at least one conversion action.'),
    test_conversion_seen: holds('a test conversion has been seen'),
    call_tracking: phone.optional(),
  },
  {
    tag: 'GTM-ABC1234',
    seen_on: ['https://example.com/offer'],
    conversions: [{ id: 'AW-123456789', label: 'abC-D_efG-h12' }],
    test_conversion_seen: true,
    call_tracking: '+15125550199',
  },
);

const keyword = z.strictObject({ text: text(80), match: z.enum(['exact', 'phrase', 'broad']) });
const advert = z.strictObject({
  headlines: z.array(text(30)).min(3, 'Enter 3 to 15 headlines.').max(15, 'Enter 3 to 15 headlines.'),
  descriptions: z.array(text(90)).min(2, 'Enter 2 to 4 descriptions.').max(4, 'Enter 2 to 4 descriptions.'),
  paths: z.array(text(15)).max(2).default([]),
  landing_url: webAddress,
});
const campaign = z.strictObject({
  name: text(120),
  daily_budget: minorUnits,
  bid_strategy: z.enum(['maximize-conversions', 'maximize-clicks', 'target-cpa', 'target-roas', 'manual-cpc']),
  ad_groups: z
    .array(z.strictObject({ name: text(120), keywords: z.array(keyword).min(1), adverts: z.array(advert).min(1) }))
    .min(1),
});
const plan = leaves(
  {
    campaigns: z.array(campaign).min(1, 'Plan at least one campaign.'),
    negatives: z.array(text(80)).max(5_000).default([]),
    assets: z.array(text(200)).max(50).default([]),
  },
  {
    campaigns: [
      {
        name: 'Search, Austin',
        daily_budget: 10_000,
        bid_strategy: 'maximize-conversions',
        ad_groups: [
          {
            name: 'Dentist',
            keywords: [
              'dentist',
              'dentist austin',
              'dental clinic',
              'teeth cleaning',
              'dental implants',
              'emergency dentist',
              'family dentist',
              'tooth pain',
              'root canal',
              'white teeth',
            ].map((words) => ({ text: words, match: 'phrase' as const })),
            adverts: [
              {
                headlines: ['Dentist in Austin', 'Book your first visit', 'Open on Saturdays'],
                descriptions: ['A calm clinic near the river.', 'New patients are welcome.'],
                landing_url: 'https://example.com/offer',
              },
            ],
          },
        ],
      },
    ],
    negatives: ['free', 'jobs'],
  },
);

const build = leaves(
  {
    campaign_ids: z.array(platformId).min(1, 'Enter the id of each campaign.'),
    geo_ids: z.array(platformId).min(1, 'Enter the geo target ids.'),
    status: z.literal('PAUSED', 'Campaigns are built PAUSED; nothing is spent before the launch.'),
    landing_urls: z.array(secureAddress).min(1),
  },
  {
    campaign_ids: ['20123456789'],
    geo_ids: ['1026201'],
    status: 'PAUSED',
    landing_urls: ['https://example.com/offer'],
  },
);

const qa = leaves(
  {
    budget: holds('the budgets are those of the plan'),
    geography: holds('the locations are right'),
    dates: holds('dates and schedule are right'),
    language: holds('the languages are right'),
    urls: holds('every landing page opens'),
    conversion: holds('a conversion is counted'),
    policy: z.literal('eligible', 'The policy state must be "eligible".'),
  },
  { budget: true, geography: true, dates: true, language: true, urls: true, conversion: true, policy: 'eligible' },
);

const launch = leaves(
  {
    enabled: z.array(platformId).min(1, 'Name the campaigns that are ENABLED.'),
    launched_on: isoDate,
    policy: z.enum(['APPROVED', 'APPROVED_LIMITED', 'UNDER_REVIEW']),
  },
  { enabled: ['20123456789'], launched_on: '2026-03-31', policy: 'APPROVED' },
);

const live = leaves(
  { impressions: z.int().min(1, 'Only when there are impressions.'), seen_on: isoDate },
  { impressions: 12, seen_on: '2026-04-01' },
);

const budgetFits = rule(plan, ({ campaigns }, state) => {
  const monthly = found(intake, state, 'intake')?.monthly_budget.amount;
  const daily = campaigns.reduce((sum, { daily_budget }) => sum + daily_budget, 0);
  if (monthly === undefined || daily <= dailyOf(monthly)) return [];
  return [
    fault('/campaigns', 'over_budget', `The daily budgets may add up to ${dailyOf(monthly)}; they add up to ${daily}.`),
  ];
});

const enoughKeywords = rule(plan, ({ campaigns }) => {
  const all = campaigns.flatMap(({ ad_groups }) => ad_groups.flatMap(({ keywords }) => keywords));
  const once = all.length - repeats(all, (word) => `${word.match} ${word.text.toLowerCase()}`).length;
  return once >= 10
    ? []
    : [fault('/campaigns', 'too_few_keywords', `Plan at least 10 different keywords; there are ${once}.`)];
});

const taggedEverywhere = rule(tracking, ({ seen_on }, state) => {
  const missing = (found(intake, state, 'intake')?.landing_urls ?? []).filter((url) => !seen_on.includes(url));
  return missing.map((url) => fault('/seen_on', 'untagged_page', `The tag must be on ${url} as well.`));
});

const callsAreTracked = rule(tracking, ({ call_tracking }, state) =>
  found(intake, state, 'intake')?.goal === 'calls' && !call_tracking
    ? [fault('/call_tracking', 'required', 'The goal is calls: give the call tracking number.')]
    : [],
);

const allEnabled = rule(launch, ({ enabled }, state) =>
  (found(build, state, 'build')?.campaign_ids ?? [])
    .filter((id) => !enabled.includes(id))
    .map((id) => fault('/enabled', 'not_enabled', `Campaign ${id} must be ENABLED as well.`)),
);

export const googleAds = defineWorkflow({
  product: 'google_ads',
  version: 1,
  title: 'Google Ads',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your campaign', gate: 'form', exit: intake, budget: 3 },
    access_granted: { title: 'Access to the accounts', gate: 'access', exit: access, budget: 5, backTo: ['intake'] },
    tracking_installed: {
      needs: [grant('google_ads'), grant('analytics')],
      makes: 'tracking.installed',
      title: 'Tracking',
      gate: 'work',
      exit: tracking,
      rules: [taggedEverywhere, callsAreTracked],
      looks: looksBy(tracking, ({ tag, seen_on }) => seen_on.flatMap((url) => carries(url, tag))),
      budget: 3,
      backTo: ['access_granted'],
      guards: 'tracking',
    },
    campaign_plan: { title: 'Campaign plan', gate: 'work', exit: plan, rules: [budgetFits, enoughKeywords], budget: 4 },
    client_approval: {
      title: 'Approve plan and spend',
      gate: 'approval',
      shows: ['intake', 'campaign_plan'],
      budget: 5,
      backTo: ['campaign_plan'],
      guards: 'spend',
    },
    build: { needs: [grant('google_ads')], title: 'Build the campaigns', gate: 'work', exit: build, budget: 3 },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 1,
      backTo: ['build'],
      vouchesFor: ['intake', 'access_granted', 'tracking_installed', 'campaign_plan', 'client_approval', 'build'],
    },
    launch: {
      needs: [grant('google_ads')],
      title: 'Launch',
      gate: 'external',
      exit: launch,
      rules: [allEnabled],
      budget: 1,
      backTo: ['qa'],
      guards: 'launch',
      holder: 'fulfillment',
    },
    live: { title: 'Live', gate: 'auto', exit: live, budget: 3, backTo: ['launch'] },
  },
});
