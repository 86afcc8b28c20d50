/**
 * How a Google Business Profile order is set up: duplicates are looked for before anything is claimed, and the platform
 * itself verifies the business, which may take the client's hands and some days.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver, nap } from '../validators/contact.ts';
import { gbpLocation, gbpPlaceId } from '../validators/ids.ts';
import { hours } from '../validators/places.ts';
import { fault, repeats } from '../validators/rules.ts';
import { evidence, holds, isoDate, text } from '../validators/text.ts';
import { webAddress, website } from '../validators/web.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import { looksBy } from './look-at.ts';
import { grant } from './needs.ts';
import { ann, openingHours, riverside } from './samples.ts';

/** Limits of the platform, as of this version of the workflow. */
const limits = { description: 750, post: 1_500, furtherCategories: 9, photos: 3 };

const intake = leaves(
  {
    nap,
    kind: z.enum(['storefront', 'service-area']),
    category: text(80),
    further_categories: z
      .array(text(80))
      .max(limits.furtherCategories, 'Enter at most nine more categories.')
      .default([]),
    hours,
    special_hours: z
      .array(z.strictObject({ date: isoDate, open: z.boolean() }))
      .max(60)
      .default([]),
    description: text(limits.description),
    website,
    opened_on: isoDate.optional(),
    logo: webAddress,
    cover: webAddress,
    photos: z.array(webAddress).min(limits.photos, 'Add at least three photos.').max(50),
    place_id: gbpPlaceId.optional(),
    approver,
  },
  {
    nap: riverside,
    kind: 'storefront',
    category: 'Dentist',
    hours: openingHours,
    description: 'A calm clinic by the river.',
    website: 'example.com',
    logo: 'https://example.com/logo.png',
    cover: 'https://example.com/cover.jpg',
    photos: ['https://example.com/1.jpg', 'https://example.com/2.jpg', 'https://example.com/3.jpg'],
    approver: ann,
  },
);

const duplicates = leaves(
  {
    searched_by: z.array(z.enum(['phone', 'name-and-address'])).min(2, 'Search by phone and by name with address.'),
    found: z.array(gbpPlaceId).max(50),
    decision: z.enum(['claim', 'merge', 'create']),
  },
  { searched_by: ['phone', 'name-and-address'], found: [], decision: 'create' },
);

const access = leaves(
  { location: gbpLocation, role: z.enum(['owner', 'manager'], 'Our user needs the role owner or manager.'), evidence },
  { location: 'locations/1234567890', role: 'manager', evidence: 'Profile manager, people and access' },
);

const profile = leaves(
  {
    name: text(120),
    phone: nap.shape.phone,
    postal_code: nap.shape.postal_code,
    services: z.array(text(120)).min(1, 'Name at least one service.').max(100),
    attributes: z.array(text(80)).max(60).default([]),
    products: z.array(text(120)).max(100).default([]),
  },
  { name: 'Riverside Dental', phone: '+15125550132', postal_code: '78701', services: ['Cleaning', 'Implants'] },
);

const verification = leaves(
  {
    method: z.enum(['phone', 'mail', 'postcard', 'video', 'email', 'auto']),
    state: z.literal('COMPLETED', 'The state must be COMPLETED; after FAILED begin a new attempt.'),
    has_voice_of_merchant: holds('the profile has the voice of the merchant'),
  },
  { method: 'video', state: 'COMPLETED', has_voice_of_merchant: true },
);

const qa = leaves(
  {
    pin: holds('the pin is right'),
    phone_rings: holds('the phone rings'),
    hours: holds('the hours are right'),
    not_suspended: holds('the profile is not suspended'),
  },
  { pin: true, phone_rings: true, hours: true, not_suspended: true },
);

const live = leaves(
  { place_id: gbpPlaceId, checked_on: isoDate, first_post: text(limits.post), review_link: webAddress },
  {
    place_id: 'ChIJN1t_tDeuEmsRUsoyG83frY4',
    checked_on: '2026-04-02',
    first_post: 'We are open.',
    review_link: 'https://g.page/r/riverside/review',
  },
);

const categoriesDiffer = rule(intake, ({ category, further_categories }) =>
  repeats([category, ...further_categories], (name) => name.toLowerCase()).map((index) =>
    fault(`/further_categories/${index - 1}`, 'duplicate', 'Name each category once.'),
  ),
);

/** A name with keywords added to it gets profiles suspended. */
const asConfirmed = rule(profile, (data, state) => {
  const confirmed = found(intake, state, 'intake')?.nap;
  const fields = ['name', 'phone', 'postal_code'] as const;
  return fields.flatMap((field) =>
    confirmed && confirmed[field] !== data[field]
      ? [fault(`/${field}`, 'differs', `Use what the client confirmed: ${confirmed[field]}.`)]
      : [],
  );
});

const decided = rule(duplicates, (data) =>
  data.decision !== 'create' && data.found.length === 0
    ? [fault('/decision', 'nothing_found', 'Nothing was found: create the profile.')]
    : [],
);

export const gbp = defineWorkflow({
  product: 'gbp',
  version: 1,
  title: 'Business profile',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your business', gate: 'form', exit: intake, rules: [categoriesDiffer], budget: 3 },
    duplicate_check: {
      title: 'Look for duplicates',
      gate: 'auto',
      exit: duplicates,
      rules: [decided],
      budget: 2,
      backTo: ['intake'],
    },
    access_granted: { title: 'Access to the profile', gate: 'access', exit: access, budget: 7, backTo: ['intake'] },
    profile_optimised: {
      needs: [grant('gbp')],
      title: 'Profile',
      gate: 'work',
      exit: profile,
      rules: [asConfirmed],
      budget: 3,
    },
    client_approval: {
      makes: 'nap.locked',
      title: 'Approve the profile',
      gate: 'approval',
      shows: ['intake', 'profile_optimised'],
      budget: 3,
      backTo: ['profile_optimised'],
    },
    verification: {
      needs: [grant('gbp')],
      title: 'Verification by the platform',
      gate: 'external',
      exit: verification,
      budget: 14,
      backTo: ['access_granted'],
      holder: 'client',
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 1,
      backTo: ['profile_optimised'],
      vouchesFor: [
        ...(['intake', 'duplicate_check', 'access_granted', 'profile_optimised'] as const),
        ...(['client_approval', 'verification'] as const),
      ],
    },
    live: {
      title: 'Live',
      gate: 'auto',
      exit: live,
      looks: looksBy(live, ({ review_link: url }) => [{ look: 'answers', url }]),
      budget: 1,
    },
  },
});
