/** The rules of the three products that sell advertising. */
import type { RuleCase } from './rule-case.ts';

/** A month of it allows 10,000 a day. */
const monthly = { monthly_budget: { amount: 304_000, currency: 'USD' } };

const someKeywords = (words: readonly string[]) => ({
  campaigns: [
    {
      name: 'Search',
      daily_budget: 10_000,
      bid_strategy: 'maximize-clicks',
      ad_groups: [
        {
          name: 'All',
          keywords: words.map((text) => ({ text, match: 'exact' })),
          adverts: [
            { headlines: ['One', 'Two', 'Three'], descriptions: ['One', 'Two'], landing_url: 'https://example.com/' },
          ],
        },
      ],
    },
  ],
});

const ten = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

const costing = (...amounts: number[]) => ({
  campaigns: amounts.map((daily_budget, index) => ({
    ...someKeywords(ten).campaigns[0],
    ...{ name: `Campaign ${index + 1}`, daily_budget },
  })),
});

export const googleAds: RuleCase[] = [
  {
    stage: 'tracking_installed',
    says: 'the tag is on every landing page of the form',
    earlier: { intake: { landing_urls: ['https://example.com/a', 'https://example.com/b'] } },
    inside: { seen_on: ['https://example.com/b', 'https://example.com/a'] },
    outside: { seen_on: ['https://example.com/b'] },
    refused: '/seen_on untagged_page',
  },
  {
    stage: 'tracking_installed',
    says: 'calls are tracked by a number where calls are the goal',
    inside: { call_tracking: '+15125550199' },
    outside: { call_tracking: undefined },
    refused: '/call_tracking required',
  },
  {
    stage: 'campaign_plan',
    says: 'the daily budgets add up to what the monthly budget allows, at most',
    earlier: { intake: monthly },
    inside: costing(4_000, 6_000),
    outside: costing(4_000, 6_001),
    refused: '/campaigns over_budget',
  },
  {
    stage: 'campaign_plan',
    says: 'a plan has ten keywords',
    inside: someKeywords(ten),
    outside: someKeywords(ten.slice(1)),
    refused: '/campaigns too_few_keywords',
  },
  {
    stage: 'campaign_plan',
    says: 'a keyword counts once, however it is written',
    inside: someKeywords(ten),
    outside: someKeywords([...ten.slice(1), 'B']),
    refused: '/campaigns too_few_keywords',
  },
  {
    stage: 'launch',
    says: 'every campaign that was built is enabled',
    earlier: { build: { campaign_ids: ['campaign-1', 'campaign-2'] } },
    inside: { enabled: ['campaign-2', 'campaign-1'] },
    outside: { enabled: ['campaign-2'] },
    refused: '/enabled not_enabled',
  },
];

const adSet = (fields: Record<string, unknown>) => ({
  name: 'Austin',
  locations: { include: [{ kind: 'country', country: 'US' }] },
  ...{ age_min: 18, age_max: 65, daily_budget: 10_000 },
  ...fields,
});

const adSets = (...sets: Record<string, unknown>[]) => ({ ad_sets: sets.map(adSet) });

const basicAccess = ['page', 'ad_account', 'pixel', 'domain'];

export const facebookAds: RuleCase[] = [
  ...basicAccess.map((asset) => ({
    stage: 'access_granted',
    says: `access to the ${asset} is granted`,
    earlier: { intake: { instagram: undefined } },
    inside: { granted: basicAccess },
    outside: { granted: basicAccess.filter((other) => other !== asset) },
    refused: '/granted not_granted',
  })),
  {
    stage: 'access_granted',
    says: 'access to the Instagram account is granted where the client has named one',
    inside: { granted: [...basicAccess, 'instagram'] },
    outside: { granted: basicAccess },
    refused: '/granted not_granted',
  },
  {
    stage: 'access_granted',
    says: 'access to the leads is granted where a lead form is the landing page',
    earlier: { intake: { instagram: undefined, landing: 'lead-form' } },
    inside: { granted: [...basicAccess, 'leads'] },
    outside: { granted: basicAccess },
    refused: '/granted not_granted',
  },
  {
    stage: 'pixel_installed',
    says: 'a premium order has server events',
    tier: 'premium',
    inside: { server_events: true },
    outside: { server_events: false },
    refused: '/server_events tier_includes_it',
  },
  {
    stage: 'audience_plan',
    says: 'the upper age is not below the lower',
    inside: adSets({ age_min: 30, age_max: 30 }),
    outside: adSets({ age_min: 31, age_max: 30 }),
    refused: '/ad_sets/0/age_max empty_range',
  },
  ...['housing', 'employment', 'credit'].map((special_category) => ({
    stage: 'audience_plan',
    says: `${special_category} is advertised to all ages from 18 to 65`,
    earlier: { intake: { special_category } },
    inside: adSets({}),
    outside: adSets({ age_min: 19 }),
    refused: '/ad_sets/0/age_min special_category',
  })),
  {
    stage: 'audience_plan',
    says: 'a special category is not kept from the oldest either',
    earlier: { intake: { special_category: 'housing' } },
    inside: adSets({ daily_budget: 5_000 }, { daily_budget: 5_000 }),
    outside: adSets({ daily_budget: 5_000 }, { daily_budget: 5_000, age_max: 64 }),
    refused: '/ad_sets/1/age_min special_category',
  },
  {
    stage: 'audience_plan',
    says: 'the daily budgets of all ad sets add up to what the monthly budget allows, at most',
    earlier: { intake: monthly },
    inside: adSets({ daily_budget: 4_000 }, { daily_budget: 6_000 }),
    outside: adSets({ daily_budget: 4_000 }, { daily_budget: 6_001 }),
    refused: '/ad_sets over_budget',
  },
  {
    stage: 'build',
    says: 'a lead form needs a privacy page',
    earlier: { intake: { landing: 'lead-form' } },
    inside: { privacy_url: 'https://example.com/privacy' },
    outside: {},
    refused: '/privacy_url required',
  },
  {
    stage: 'build',
    says: 'every address carries utm_source',
    inside: { urls: ['https://example.com/?a=b&utm_source=facebook'] },
    outside: { urls: ['https://example.com/?a=b&utm_medium=facebook'] },
    refused: '/urls/0 not_valid',
  },
  {
    stage: 'live',
    says: 'a lead form is live once a test lead has arrived',
    earlier: { intake: { landing: 'lead-form' } },
    inside: { lead_test: true },
    outside: { lead_test: false },
    refused: '/lead_test required',
  },
];

export const tiktokAds: RuleCase[] = [
  ...['alcohol', 'gambling', 'finance', 'dating', 'Dating'].map((industry) => ({
    stage: 'intake',
    says: `${industry} is advertised to adults alone`,
    inside: { industry, age_from: 18 },
    outside: { industry, age_from: 17 },
    refused: '/age_from adults_only',
  })),
  {
    stage: 'build',
    says: 'the daily budget is what the monthly budget allows, at most',
    earlier: { intake: monthly },
    inside: { daily_budget: 10_000 },
    outside: { daily_budget: 10_001 },
    refused: '/daily_budget over_budget',
  },
  {
    stage: 'build',
    says: 'every address carries utm_source',
    inside: { urls: ['https://example.com/?a=b&utm_source=tiktok'] },
    outside: { urls: ['https://example.com/?a=b&utm_medium=tiktok'] },
    refused: '/urls/0 not_valid',
  },
];
