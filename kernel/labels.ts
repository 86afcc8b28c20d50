/** The words people read for a field's key: the same on the page that asks for it and in the letter that returns it. */
const spelled: Record<string, string> = {
  id: 'ID',
  ids: 'IDs',
  url: 'web address',
  urls: 'web addresses',
  nap: 'Business name, address and phone',
  cms: 'CMS',
  ga4: 'GA4',
  km: 'Radius in km',
  google: 'Google',
};

/** `google_ads_customer_id` as people write it: "Google ads customer ID". */
export function labelOf(key: string): string {
  const words = key.split('_').map((word) => spelled[word] ?? word);
  const sentence = words.join(' ');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
