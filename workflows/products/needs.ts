/**
 * Facts that products share. A grant is assumed, because the stage for it may be skipped; it only blocks once the account
 * says that it was lost.
 */
import { factOfGrant, type GrantName, grantTitles } from '../accounts/names.ts';
import type { Need } from '../graph/stage.ts';

export const grant = (name: GrantName): Need => ({
  fact: factOfGrant(name),
  assumed: true,
  missing: `Access to ${grantTitles[name]} was lost.`,
  cure: `The client grants access to ${grantTitles[name]} again.`,
});

export const launchedSite: Need = {
  fact: 'site.launched',
  when: { site: 'ordered' },
  missing: 'The site that was ordered is not launched yet.',
  cure: 'Launch the site; this order then goes on by itself.',
};

export const lockedNap: Need = {
  fact: 'nap.locked',
  when: { nap_from_gbp: true },
  missing: 'Name, address and phone are not confirmed on the business profile yet.',
  cure: 'Let the client approve the business profile; this order then goes on by itself.',
};
