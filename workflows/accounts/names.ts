/**
 * The accesses that an account may grant, by name, as people know them; and the fact that each one is to orders. The
 * list is closed: a product can only need what somebody can ask for.
 */
export const grantTitles = {
  google_ads: 'Google Ads',
  analytics: 'Google Analytics',
  search_console: 'Search Console',
  meta: 'the Meta business',
  tiktok: 'the TikTok business centre',
  social: 'the social networks',
  gbp: 'the business profile',
  cms: 'the CMS',
  dns: 'registrar and DNS',
} as const;

export type GrantName = keyof typeof grantTitles;

export const grantNames = Object.keys(grantTitles) as [GrantName, ...GrantName[]];

const prefix = 'grant.';

export const factOfGrant = (name: GrantName): string => `${prefix}${name}`;

/** The grant that a fact is about; undefined for facts of another kind. */
export function grantOfFact(fact: string): GrantName | undefined {
  return grantNames.find((name) => factOfGrant(name) === fact);
}
