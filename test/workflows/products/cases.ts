/** The cases of all products. */
import { facebookAds, googleAds, tiktokAds } from './ads.ts';
import { gbp, listings, seo, site } from './local.ts';
import type { RuleCase } from './rule-case.ts';
import { backlinks, content, socialPosting } from './writing.ts';

export const cases: Readonly<Record<string, readonly RuleCase[]>> = {
  seo,
  google_ads: googleAds,
  facebook_ads: facebookAds,
  tiktok_ads: tiktokAds,
  social_posting: socialPosting,
  content,
  backlinks,
  gbp,
  site,
  listings,
};
export const refusedBy = ({ refused }: RuleCase): readonly string[] =>
  typeof refused === 'string' ? [refused] : refused;
