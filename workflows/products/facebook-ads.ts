/**
 * How a Facebook Ads order is set up: creatives and audience are made side by side, the client approves both with the
 * spend, and everything is built paused. A special ad category must be stated, because it bounds whom ads may address.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver } from '../validators/contact.ts';
import { metaAdAccountId, metaBusinessId, metaPageId, metaPixelId, platformId } from '../validators/ids.ts';
import { dailyOf, minorUnits, money } from '../validators/money.ts';
import { locations } from '../validators/places.ts';
import { fault } from '../validators/rules.ts';
import { evidence, holds, isoDate, text } from '../validators/text.ts';
import { profileAddress, secureAddress, webAddress } from '../validators/web.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import { carries, looksBy } from './look-at.ts';
import { grant } from './needs.ts';
import { ann, austin, budget } from './samples.ts';

/** Limits of the platform, as of this version of the workflow. */
const limits = { headline: 255, primary: 2_200, minimumAge: 18, maximumAge: 65, serverEventsFrom: ['premium'] };

const intake = leaves(
  {
    page: z.union(
      [metaPageId, profileAddress],
      'Enter the page’s address, such as https://www.facebook.com/name, or its number.',
    ),
    instagram: z
      .string()
      .regex(/^@?[A-Za-z0-9._]{1,30}$/, 'Enter the handle, such as @riverside.')
      .optional(),
    monthly_budget: money,
    locations,
    audience: text(1_000),
    offer: text(500),
    landing: z.union([z.literal('lead-form'), webAddress]),
    special_category: z.enum(['none', 'housing', 'employment', 'credit', 'politics']),
    approver,
  },
  {
    page: '123456789012345',
    instagram: '@riverside',
    monthly_budget: budget,
    locations: austin,
    audience: 'Families near the clinic',
    offer: 'Free first visit',
    landing: 'https://example.com/offer',
    special_category: 'none',
    approver: ann,
  },
);

const assets = ['page', 'ad_account', 'pixel', 'instagram', 'domain', 'leads'] as const;
const access = leaves(
  {
    business_id: metaBusinessId,
    ad_account_id: metaAdAccountId,
    granted: z.array(z.enum(assets)).min(1),
    payment_method: holds('the ad account has a payment method'),
    two_factor: holds('two-factor is on'),
    evidence,
  },
  {
    business_id: '987654321',
    ad_account_id: 'act_1234567890',
    granted: ['page', 'ad_account', 'pixel', 'instagram', 'domain'],
    payment_method: true,
    two_factor: true,
    evidence: 'Business settings, partners page',
  },
);

const pixel = leaves(
  {
    pixel_id: metaPixelId,
    fires_on: webAddress,
    domain_verified: holds('the domain is verified'),
    events: z.array(text(60)).min(1, 'Prioritise at least one event.').max(8),
    server_events: z.boolean(),
  },
  {
    pixel_id: '123456789012345',
    fires_on: 'https://example.com/offer',
    domain_verified: true,
    events: ['Lead'],
    server_events: true,
  },
);

const creative = z.strictObject({
  name: text(120),
  media: z.enum(['image', 'video']),
  ratio: z.enum(['1:1', '4:5', '9:16', '16:9']),
  width: z.int().min(600, 'Use an image or video at least 600 px wide.'),
  height: z.int().min(314, 'Use an image or video at least 314 px high.'),
  headline: text(limits.headline),
  primary_text: text(limits.primary),
  licence: text(300),
});
const creatives = leaves(
  { adverts: z.array(creative).min(1, 'Make at least one advert.').max(50) },
  {
    adverts: [
      {
        name: 'Clinic',
        media: 'image',
        ratio: '1:1',
        width: 1080,
        height: 1080,
        headline: 'A calm clinic',
        primary_text: 'Book your free first visit.',
        licence: 'Own photo of the client',
      },
    ],
  },
);

const age = z.int().min(13).max(limits.maximumAge);
const adSet = z.strictObject({ name: text(120), locations, age_min: age, age_max: age, daily_budget: minorUnits });
const audience = leaves(
  { ad_sets: z.array(adSet).min(1, 'Plan at least one ad set.').max(50) },
  { ad_sets: [{ name: 'Austin', locations: austin, age_min: 25, age_max: 65, daily_budget: 10_000 }] },
);

const tagged = secureAddress.refine((url) => /[?&]utm_source=/.test(url), 'Enter an address that contains utm_source.');
const build = leaves(
  {
    campaign_ids: z.array(platformId).min(1),
    ad_set_ids: z.array(platformId).min(1),
    ad_ids: z.array(platformId).min(1),
    status: z.literal('PAUSED', 'Everything is built PAUSED.'),
    urls: z.array(tagged).min(1),
    privacy_url: secureAddress.optional(),
  },
  {
    campaign_ids: ['2384001'],
    ad_set_ids: ['2384002'],
    ad_ids: ['2384003'],
    status: 'PAUSED',
    urls: ['https://example.com/offer?utm_source=facebook'],
  },
);

const qa = leaves(
  {
    previews: holds('every preview opens'),
    category: holds('the special category is set'),
    urls: holds('every address opens'),
    notes: text(2_000).optional(),
  },
  { previews: true, category: true, urls: true },
);

const launch = leaves(
  {
    review: z.literal('ACTIVE', 'The review must say ACTIVE; send a rejected advert back with the reason.'),
    launched_on: isoDate,
  },
  { review: 'ACTIVE', launched_on: '2026-03-31' },
);

const live = leaves(
  {
    impressions: z.int().min(1, 'Only when there are impressions.'),
    seen_on: isoDate,
    lead_test: z.boolean().default(false),
  },
  { impressions: 8, seen_on: '2026-04-02' },
);

const allGranted = rule(access, ({ granted }, state) => {
  const form = found(intake, state, 'intake');
  const needed = [
    ...['page', 'ad_account', 'pixel', 'domain'],
    ...(form?.instagram ? ['instagram'] : []),
    ...(form?.landing === 'lead-form' ? ['leads'] : []),
  ];
  return needed
    .filter((asset) => !granted.some((given) => given === asset))
    .map((asset) => fault('/granted', 'not_granted', `Access to the ${asset.replace('_', ' ')} is needed as well.`));
});

const serverEvents = rule(pixel, ({ server_events }, { tier }) =>
  limits.serverEventsFrom.includes(tier) && !server_events
    ? [fault('/server_events', 'tier_includes_it', `The ${tier} tier includes server events: set them up.`)]
    : [],
);

/** Housing, employment and credit may not be advertised to some ages only. */
const agesAllowed = rule(audience, ({ ad_sets }, state) => {
  const category = found(intake, state, 'intake')?.special_category ?? 'none';
  return ad_sets.flatMap(({ age_min, age_max }, index) => {
    if (age_min > age_max)
      return [fault(`/ad_sets/${index}/age_max`, 'empty_range', 'Enter a maximum age above the minimum age.')];
    const isWhole = age_min === limits.minimumAge && age_max === limits.maximumAge;
    if (category === 'none' || category === 'politics' || isWhole) return [];
    return [fault(`/ad_sets/${index}/age_min`, 'special_category', `For ${category}, address ages 18 to 65.`)];
  });
});

const budgetFits = rule(audience, ({ ad_sets }, state) => {
  const monthly = found(intake, state, 'intake')?.monthly_budget.amount;
  const daily = ad_sets.reduce((sum, { daily_budget }) => sum + daily_budget, 0);
  if (monthly === undefined || daily <= dailyOf(monthly)) return [];
  return [
    fault('/ad_sets', 'over_budget', `The daily budgets may add up to ${dailyOf(monthly)}; they add up to ${daily}.`),
  ];
});

const privacyForLeads = rule(build, ({ privacy_url }, state) =>
  found(intake, state, 'intake')?.landing === 'lead-form' && !privacy_url
    ? [fault('/privacy_url', 'required', 'A lead form needs the address of the privacy page.')]
    : [],
);

const leadsArrive = rule(live, ({ lead_test }, state) =>
  found(intake, state, 'intake')?.landing === 'lead-form' && !lead_test
    ? [fault('/lead_test', 'required', 'Only when a test lead has arrived.')]
    : [],
);

export const facebookAds = defineWorkflow({
  product: 'facebook_ads',
  version: 1,
  title: 'Facebook Ads',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your adverts', gate: 'form', exit: intake, budget: 3 },
    access_granted: {
      title: 'Partner access',
      gate: 'access',
      exit: access,
      rules: [allGranted],
      budget: 5,
      backTo: ['intake'],
    },
    pixel_installed: {
      needs: [grant('meta')],
      title: 'Pixel',
      gate: 'work',
      exit: pixel,
      rules: [serverEvents],
      looks: looksBy(pixel, ({ fires_on, pixel_id }) => carries(fires_on, pixel_id)),
      budget: 3,
      backTo: ['access_granted'],
      guards: 'tracking',
    },
    creative_ready: { title: 'Creatives', gate: 'work', exit: creatives, budget: 5 },
    audience_plan: {
      title: 'Audience',
      gate: 'work',
      exit: audience,
      rules: [agesAllowed, budgetFits],
      budget: 2,
      after: ['pixel_installed'],
    },
    client_approval: {
      title: 'Approve adverts and spend',
      gate: 'approval',
      shows: ['intake', 'creative_ready', 'audience_plan'],
      budget: 5,
      after: ['creative_ready', 'audience_plan'],
      backTo: ['creative_ready', 'audience_plan'],
      guards: 'spend',
    },
    build: {
      needs: [grant('meta')],
      title: 'Build the campaigns',
      gate: 'work',
      exit: build,
      rules: [privacyForLeads],
      budget: 2,
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 1,
      backTo: ['build'],
      vouchesFor: [
        ...(['intake', 'access_granted', 'pixel_installed', 'creative_ready'] as const),
        ...(['audience_plan', 'client_approval', 'build'] as const),
      ],
    },
    launch: {
      needs: [grant('meta')],
      title: 'Review by the platform',
      gate: 'external',
      exit: launch,
      budget: 2,
      backTo: ['creative_ready'],
      guards: 'launch',
    },
    live: { title: 'Live', gate: 'auto', exit: live, rules: [leadsArrive], budget: 3 },
  },
});
