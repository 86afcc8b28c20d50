/**
 * How a listings order is set up: one canonical name, address and phone goes to every directory. It is served by the
 * client's own data, so that no form is mailed; what a directory asks for is the only thing that waits for others.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { nap } from '../validators/contact.ts';
import { platformId } from '../validators/ids.ts';
import { hours } from '../validators/places.ts';
import { fault, repeats } from '../validators/rules.ts';
import { text } from '../validators/text.ts';
import { webAddress, website } from '../validators/web.ts';
import type { OrderState } from '../words/state.ts';
import { found, leaves, rule, tiers } from './exit.ts';
import { lockedNap } from './needs.ts';
import { openingHours, riverside } from './samples.ts';

const directory = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9-]{2,40}$/, 'Enter the short name of the directory.');

const napConfirmed = leaves(
  {
    nap,
    categories: z.array(text(80)).min(1, 'Enter at least one category.').max(10),
    hours,
    short_description: text(200),
    description: text(750),
    website: website.optional(),
    logo: webAddress.optional(),
    photos: z.array(webAddress).max(20).default([]),
  },
  {
    nap: riverside,
    categories: ['Dentist'],
    hours: openingHours,
    short_description: 'A calm dental clinic by the river.',
    description: 'Riverside Dental looks after families in Austin, from the first tooth on.',
    website: 'example.com',
  },
);

const scan = leaves(
  {
    found: z
      .array(
        z.strictObject({
          directory,
          url: webAddress,
          score: z.number().min(0).max(1),
          decision: z.enum(['suppress', 'keep', 'claim']).optional(),
        }),
      )
      .max(500),
  },
  { found: [{ directory: 'yelp', url: 'https://yelp.com/biz/riverside', score: 0.97, decision: 'suppress' }] },
);

const listingStates = ['submitted', 'processing', 'live', 'needs_action', 'rejected', 'opted_out'] as const;
const listing = z.strictObject({ directory, id: platformId, state: z.enum(listingStates) });
const submitted = leaves(
  { listings: z.array(listing).min(1, 'Submit to at least one directory.').max(500) },
  {
    listings: ['google', 'bing', 'apple', 'yelp', 'foursquare'].map((name, index) => ({
      directory: name,
      id: `listing-${index + 1}`,
      state: 'submitted' as const,
    })),
  },
);

const action = leaves(
  {
    answered: z.array(z.strictObject({ directory, how: z.enum(['mail', 'phone', 'postcard']) })).max(500),
    open: z.array(directory).max(0, 'Only when no directory asks for anything more.'),
  },
  { answered: [{ directory: 'apple', how: 'phone' }], open: [] },
);

const synced = leaves(
  {
    listings: z
      .array(listing.extend({ matches: z.boolean() }))
      .min(1)
      .max(500),
  },
  {
    listings: ['google', 'bing', 'apple', 'yelp', 'foursquare'].map((name, index) => ({
      directory: name,
      id: `listing-${index + 1}`,
      state: 'live' as const,
      matches: true,
    })),
  },
);

/** Above this a find is surely the same business; between the two a person decides. */
const sureMatch = 0.9;
const possibleMatch = 0.6;
const shareLive = 0.8;

const doubtsDecided = rule(scan, ({ found: finds }) =>
  finds.flatMap(({ score, decision }, index) =>
    score >= possibleMatch && score < sureMatch && !decision
      ? [fault(`/found/${index}/decision`, 'undecided', 'The match is doubtful: decide suppress, keep or claim.')]
      : [],
  ),
);

const oncePerDirectory = rule(submitted, ({ listings }) =>
  repeats(listings, (entry) => entry.directory).map((index) =>
    fault(`/listings/${index}/directory`, 'duplicate', 'Name each directory once.'),
  ),
);

const enoughLive = rule(synced, ({ listings }, state) => {
  const total = found(submitted, state, 'submitted')?.listings.length ?? listings.length;
  const equal = listings.filter((entry) => entry.state === 'live' && entry.matches).length;
  const needed = Math.ceil(total * shareLive);
  return equal >= needed
    ? []
    : [fault('/listings', 'too_few_live', `${needed} of ${total} must be live and equal; ${equal} are.`)];
});

/** Looks once more at what `synced` was left with; where an Order Admin skipped that, there is nothing to look at. */
const isSynced = (state: OrderState) => {
  const data = found(synced, state, 'synced');
  return data ? enoughLive({ data, state }) : [];
};

export const listings = defineWorkflow({
  product: 'listings',
  version: 1,
  title: 'Listings',
  managed: false,
  tiers,
  options: z.strictObject({ nap_from_gbp: z.boolean().default(false) }),
  stages: {
    nap_confirmed: { title: 'Name, address and phone', gate: 'work', exit: napConfirmed, budget: 1 },
    duplicate_scan: {
      title: 'Look for duplicates',
      gate: 'auto',
      exit: scan,
      rules: [doubtsDecided],
      budget: 1,
      backTo: ['nap_confirmed'],
    },
    submitted: {
      needs: [lockedNap],
      title: 'Submit to the directories',
      gate: 'auto',
      exit: submitted,
      rules: [oncePerDirectory],
      budget: 1,
      backTo: ['nap_confirmed'],
    },
    action_needed: {
      title: 'Answer the directories',
      gate: 'external',
      exit: action,
      budget: 10,
      backTo: ['submitted'],
    },
    synced: {
      title: 'Live and equal everywhere',
      gate: 'auto',
      exit: synced,
      rules: [enoughLive],
      budget: 20,
      backTo: ['submitted'],
    },
    live: { title: 'Live', gate: 'auto', check: isSynced, budget: 1, backTo: ['submitted'] },
  },
});
