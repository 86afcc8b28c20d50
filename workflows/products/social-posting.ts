/**
 * How a social posting order is set up: a month of posts is written, approved by the client and scheduled. Every
 * network has its own limits; they belong to this version of the workflow.
 */
import { z } from 'zod';
import { defineWorkflow } from '../graph/define.ts';
import { approver } from '../validators/contact.ts';
import { platformId } from '../validators/ids.ts';
import { fault, repeats } from '../validators/rules.ts';
import { evidence, holds, isoTime, text } from '../validators/text.ts';
import { timeZone } from '../validators/time-zone.ts';
import { webAddress } from '../validators/web.ts';
import { found, leaves, noOptions, rule, tiers } from './exit.ts';
import { looksBy } from './look-at.ts';
import { grant } from './needs.ts';
import { ann } from './samples.ts';

const networks = ['facebook', 'instagram', 'linkedin', 'x', 'pinterest', 'gbp'] as const;
const textLimit = { facebook: 63_206, instagram: 2_200, linkedin: 3_000, x: 280, pinterest: 500, gbp: 1_500 };
const hashtagLimit = 30;
const postsByTier: Record<string, number> = { basic: 8, standard: 12, premium: 20 };

const network = z.enum(networks);

const intake = leaves(
  {
    networks: z.array(network).min(1, 'Choose at least one network.').max(networks.length),
    voice: text(500),
    topics: z.array(text(120)).min(1, 'Name at least one topic.').max(50),
    avoid: z.array(text(120)).max(50).default([]),
    brand_assets: z.array(webAddress).max(20).default([]),
    time_zone: timeZone,
    posts_a_month: z.int().min(1).max(60),
    approval_mode: z.enum(['each-post', 'monthly-calendar']),
    approver,
  },
  {
    networks: ['facebook', 'instagram'],
    voice: 'Warm and calm',
    topics: ['Healthy teeth'],
    time_zone: 'America/Chicago',
    posts_a_month: 2,
    approval_mode: 'monthly-calendar',
    approver: ann,
  },
);

const token = z.strictObject({
  network,
  scopes: z.array(text(80)).min(1, 'Name the scopes.'),
  expires_on: z.iso.date(),
  tested: holds('a draft could be posted'),
});
const access = leaves(
  { tokens: z.array(token).min(1), evidence },
  {
    tokens: (['facebook', 'instagram'] as const).map((name) => ({
      network: name,
      scopes: ['publish'],
      expires_on: '2099-01-31',
      tested: true as const,
    })),
    evidence: 'A draft was posted to each',
  },
);

const brand = leaves(
  {
    logos: z.array(webAddress).min(1, 'Enter the logo.').max(20),
    colours: z
      .array(z.string().regex(/^#[0-9a-fA-F]{6}$/, 'Enter a colour such as #1a2b3c.'))
      .min(1)
      .max(12),
    fonts: z.array(text(80)).min(1).max(6),
    images: z.array(z.strictObject({ source: text(200), licence: text(200) })).max(200),
  },
  {
    logos: ['https://example.com/logo.svg'],
    colours: ['#1a2b3c'],
    fonts: ['Inter'],
    images: [{ source: 'Photos of the client', licence: 'Own' }],
  },
);

const post = z.strictObject({
  network,
  at: isoTime,
  text: z.string().trim().min(1, 'Write the post.').max(63_206),
  media: z.array(webAddress).max(10).default([]),
  link: webAddress.optional(),
});
const calendar = leaves(
  { posts: z.array(post).min(1, 'Fill the calendar.').max(600) },
  {
    posts: [
      {
        network: 'facebook',
        at: '2026-04-06T15:00:00Z',
        text: 'Three habits for healthy teeth.',
        link: 'https://example.com/habits?utm_source=facebook',
      },
      { network: 'instagram', at: '2026-04-13T15:00:00Z', text: 'Meet the team. #dentist #austin' },
    ],
  },
);

const scheduled = leaves(
  {
    posts: z
      .array(z.strictObject({ network, id: platformId, at: isoTime }))
      .min(1)
      .max(600),
  },
  {
    posts: [
      { network: 'facebook', id: 'post-1', at: '2026-04-06T15:00:00Z' },
      { network: 'instagram', id: 'post-2', at: '2026-04-13T15:00:00Z' },
    ],
  },
);

const qa = leaves(
  {
    links: holds('every link opens'),
    tags: holds('the tags are right'),
    dates: holds('the dates are right'),
    holidays: holds('no post falls on the wrong holiday'),
  },
  { links: true, tags: true, dates: true, holidays: true },
);

const live = leaves(
  { first_post: webAddress, seen_at: isoTime },
  { first_post: 'https://facebook.com/riverside/posts/1', seen_at: '2026-04-06T15:05:00Z' },
);

const tierAllows = rule(intake, ({ posts_a_month }, { tier }) => {
  const most = postsByTier[tier] ?? 60;
  return posts_a_month <= most
    ? []
    : [fault('/posts_a_month', 'over_tier', `The ${tier} tier has up to ${most} posts a month.`)];
});

const everyNetwork = rule(access, ({ tokens }, state) =>
  (found(intake, state, 'intake')?.networks ?? [])
    .filter((name) => !tokens.some((given) => given.network === name))
    .map((name) => fault('/tokens', 'not_granted', `Access to ${name} is needed as well.`)),
);

const withinLimits = rule(calendar, ({ posts }) =>
  posts.flatMap((entry, index) => {
    const at = `/posts/${index}/text`;
    const tags = entry.text.match(/#\p{L}[\p{L}\p{N}_]*/gu)?.length ?? 0;
    if (entry.text.length > textLimit[entry.network])
      return [fault(at, 'too_long', `${entry.network} takes ${textLimit[entry.network]} characters.`)];
    return entry.network === 'instagram' && tags > hashtagLimit
      ? [fault(at, 'too_many_hashtags', `Use at most ${hashtagLimit} hashtags.`)]
      : [];
  }),
);

const noDuplicates = rule(calendar, ({ posts }) =>
  repeats(posts, (entry) => `${entry.network} ${entry.text.toLowerCase()}`).map((index) =>
    fault(`/posts/${index}/text`, 'duplicate', 'This text is on that network already.'),
  ),
);

const linksAreTagged = rule(calendar, ({ posts }) =>
  posts.flatMap(({ link }, index) =>
    link && !/[?&]utm_source=/.test(link)
      ? [fault(`/posts/${index}/link`, 'untagged', 'Enter a link that contains utm_source.')]
      : [],
  ),
);

const calendarIsFull = rule(calendar, ({ posts }, state) => {
  const needed = found(intake, state, 'intake')?.posts_a_month ?? 0;
  return posts.length >= needed
    ? []
    : [fault('/posts', 'empty_slots', `The month has ${needed} posts; ${posts.length} are filled.`)];
});

const allScheduled = rule(scheduled, ({ posts }, state) => {
  const approved = found(calendar, state, 'calendar_draft')?.posts.length ?? 0;
  return posts.length >= approved
    ? []
    : [fault('/posts', 'not_scheduled', `${approved} posts are approved; ${posts.length} are scheduled.`)];
});

export const socialPosting = defineWorkflow({
  product: 'social_posting',
  version: 1,
  title: 'Social posting',
  managed: true,
  tiers,
  options: noOptions,
  stages: {
    intake: { title: 'Tell us about your voice', gate: 'form', exit: intake, rules: [tierAllows], budget: 3 },
    access_granted: {
      title: 'Access to the networks',
      gate: 'access',
      exit: access,
      rules: [everyNetwork],
      budget: 5,
      backTo: ['intake'],
    },
    brand_kit: { title: 'Brand kit', gate: 'work', exit: brand, budget: 3, after: ['intake'] },
    calendar_draft: {
      title: 'Calendar',
      gate: 'work',
      exit: calendar,
      rules: [withinLimits, noDuplicates, linksAreTagged, calendarIsFull],
      budget: 5,
      after: ['access_granted', 'brand_kit'],
    },
    client_approval: {
      title: 'Approve the posts',
      gate: 'approval',
      shows: ['calendar_draft'],
      budget: 3,
      backTo: ['calendar_draft'],
    },
    scheduled: {
      needs: [grant('social')],
      title: 'Schedule the posts',
      gate: 'auto',
      exit: scheduled,
      rules: [allScheduled],
      budget: 1,
    },
    qa: {
      title: 'Second look',
      gate: 'qa',
      exit: qa,
      budget: 1,
      backTo: ['calendar_draft'],
      vouchesFor: ['intake', 'access_granted', 'brand_kit', 'calendar_draft', 'client_approval', 'scheduled'],
    },
    live: {
      title: 'Live',
      gate: 'auto',
      exit: live,
      looks: looksBy(live, ({ first_post: url }) => [{ look: 'answers', url }]),
      budget: 1,
    },
  },
});
