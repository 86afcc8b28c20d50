/**
 * How a TikTok Ads order is set up: vertical videos with a licence for their music, approved by the client with the
 * spend, and reviewed by the platform; a rejected video goes back to be made again.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver } from '../validators/contact.ts';
import { platformId, tiktokAdvertiserId, tiktokPixelCode } from '../validators/ids.ts';
import { dailyOf, minorUnits, money } from '../validators/money.ts';
import { locations } from '../validators/places.ts';
import { fault } from '../validators/rules.ts';
import { evidence, holds, isoDate, text } from '../validators/text.ts';
import { secureAddress, webAddress } from '../validators/web.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import { carries, looksBy } from './look-at.ts';
import { grant } from './needs.ts';
import { ann, austin, budget } from './samples.ts';

/** Limits of the platform, as of this version of the workflow; money in minor units. */
const limits = {
  minimumDaily: 2_000,
  shortest: 5,
  longest: 60,
  adult: 18,
  adultIndustries: ['alcohol', 'gambling', 'finance', 'dating'],
};

const intake = leaves(
  {
    advertiser_id: z.union([z.literal('create'), tiktokAdvertiserId]),
    monthly_budget: money,
    locations,
    age_from: z.int().min(13).max(65),
    industry: text(80),
    landing_url: webAddress,
    spark_codes: z.array(text(200)).max(50).default([]),
    approver,
  },
  {
    advertiser_id: 'create',
    monthly_budget: budget,
    locations: austin,
    age_from: 18,
    industry: 'health',
    landing_url: 'https://example.com/offer',
    approver: ann,
  },
);

const access = leaves(
  {
    advertiser: holds('the business centre is partner of the advertiser account'),
    pixel: holds('the pixel is shared'),
    identity: holds('the identity is shared'),
    evidence,
  },
  { advertiser: true, pixel: true, identity: true, evidence: 'Business centre, assets page' },
);

const pixel = leaves(
  {
    pixel_code: tiktokPixelCode,
    fires_on: webAddress,
    events: z.array(text(60)).min(1, 'Name at least one event.').max(20),
  },
  { pixel_code: 'C4ABCDEFGHIJKLMNOP12', fires_on: 'https://example.com/offer', events: ['SubmitForm'] },
);

const video = z.strictObject({
  name: text(120),
  ratio: z.literal('9:16', 'Videos are vertical: 9:16.'),
  seconds: z
    .int()
    .min(limits.shortest, 'Make it 5 to 60 seconds long.')
    .max(limits.longest, 'Make it 5 to 60 seconds long.'),
  sound: holds('there is sound'),
  text_safe: holds('the text keeps to the safe zone'),
  music_licence: text(300),
});
const videos = leaves(
  { videos: z.array(video).min(1, 'Make at least one video.').max(50) },
  {
    videos: [
      {
        name: 'Clinic tour',
        ratio: '9:16',
        seconds: 21,
        sound: true,
        text_safe: true,
        music_licence: 'Commercial music library',
      },
    ],
  },
);

const tagged = secureAddress.refine((url) => /[?&]utm_source=/.test(url), 'Enter an address that contains utm_source.');
const build = leaves(
  {
    campaign_ids: z.array(platformId).min(1),
    ad_group_ids: z.array(platformId).min(1),
    daily_budget: minorUnits.min(limits.minimumDaily, `The platform takes ${limits.minimumDaily} a day or more.`),
    urls: z.array(tagged).min(1),
  },
  {
    campaign_ids: ['1700000001'],
    ad_group_ids: ['1700000002'],
    daily_budget: 10_000,
    urls: ['https://example.com/offer?utm_source=tiktok'],
  },
);

const qa = leaves(
  {
    previews: holds('every preview opens'),
    budget: holds('the budget is that of the order'),
    urls: holds('every address opens'),
  },
  { previews: true, budget: true, urls: true },
);

const launch = leaves(
  {
    review: z.literal('approved', 'The review must say approved; send a rejected video back with the reason.'),
    launched_on: isoDate,
  },
  { review: 'approved', launched_on: '2026-03-31' },
);

const live = leaves(
  { impressions: z.int().min(1, 'Only when there are impressions.'), seen_on: isoDate },
  { impressions: 30, seen_on: '2026-04-01' },
);

const adultsOnly = rule(intake, ({ industry, age_from }) =>
  limits.adultIndustries.includes(industry.toLowerCase()) && age_from < limits.adult
    ? [fault('/age_from', 'adults_only', `${industry} may address people of 18 and above only.`)]
    : [],
);

const budgetFits = rule(build, ({ daily_budget }, state) => {
  const monthly = found(intake, state, 'intake')?.monthly_budget.amount;
  if (monthly === undefined || daily_budget <= dailyOf(monthly)) return [];
  return [fault('/daily_budget', 'over_budget', `The monthly budget allows ${dailyOf(monthly)} a day.`)];
});

export const tiktokAds = defineWorkflow({
  product: 'tiktok_ads',
  version: 1,
  title: 'TikTok Ads',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your adverts', gate: 'form', exit: intake, rules: [adultsOnly], budget: 3 },
    access_granted: { title: 'Partner access', gate: 'access', exit: access, budget: 5, backTo: ['intake'] },
    pixel_installed: {
      needs: [grant('tiktok')],
      title: 'Pixel',
      gate: 'work',
      exit: pixel,
      looks: looksBy(pixel, ({ fires_on, pixel_code }) => carries(fires_on, pixel_code)),
      budget: 3,
      backTo: ['access_granted'],
      guards: 'tracking',
    },
    video_assets: { title: 'Videos', gate: 'work', exit: videos, budget: 7 },
    client_approval: {
      title: 'Approve videos and spend',
      gate: 'approval',
      shows: ['intake', 'video_assets'],
      budget: 5,
      backTo: ['video_assets'],
      guards: 'spend',
    },
    build: {
      needs: [grant('tiktok')],
      title: 'Build the campaigns',
      gate: 'work',
      exit: build,
      rules: [budgetFits],
      budget: 2,
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 1,
      backTo: ['build'],
      vouchesFor: ['intake', 'access_granted', 'pixel_installed', 'video_assets', 'client_approval', 'build'],
    },
    launch: {
      needs: [grant('tiktok')],
      title: 'Review by the platform',
      gate: 'external',
      exit: launch,
      budget: 2,
      backTo: ['video_assets'],
      guards: 'launch',
    },
    live: { title: 'Live', gate: 'auto', exit: live, budget: 3 },
  },
});
