/** An account as staff see it: its profile, what its orders go by, and where each access stands. */
import { z } from 'zod';
import type { Account } from '../../models/account.ts';
import { type GrantName, grantNames, grantTitles } from '../../workflows/accounts/names.ts';
import { findings, type Grant, grantStatuses, subscriptionStatuses } from '../../workflows/accounts/state.ts';
import { localeOfCountry } from '../../workflows/validators/amounts.ts';
import { person } from './order.ts';
import { id, iso, isoOrNone, time } from './wire.ts';

export const grant = z
  .object({
    grant: z.enum(grantNames),
    title: z.string(),
    status: z.enum(grantStatuses),
    since: time,
    probe: z.object({
      type: z.enum(['http', 'dns', 'attestation']),
      ...{ url: z.string().optional(), record: z.string().optional() },
      ...{ host: z.string().optional(), value: z.string().optional() },
    }),
    lastLook: z.object({ at: time, finding: z.enum(findings), says: z.string() }).optional(),
    nextLookAt: time.optional().describe('When it is checked next automatically; absent if it is not.'),
    unanswered: z.int().describe('Consecutive checks without an answer. This does not mean that access was lost.'),
    attestation: z.object({ by: z.string(), at: time, evidence: z.string() }).optional(),
    expiresAt: time.optional(),
    note: z.string().optional().describe('Why a person ended it.'),
  })
  .meta({ id: 'Grant' });

export const account = z
  .object({
    id,
    agency: z.string(),
    name: z.string(),
    timeZone: z.string(),
    country: z
      .string()
      .describe('ISO 3166 code; with the region and the time zone, it decides when orders are worked on.'),
    region: z.string().optional().describe('Where the holidays of a country differ, such as BY in Germany.'),
    locale: z.string().describe('How its people write numbers, such as de-DE; by default as in its country.'),
    contact: person,
    subscription: z.enum(subscriptionStatuses),
    facts: z
      .array(z.object({ fact: z.string(), holds: z.boolean(), seq: z.int(), at: time }))
      .describe('Facts that orders depend on; each change has the next sequence number.'),
    grants: z.array(grant),
    version: z.int(),
    links: z.object({ self: z.string(), grants: z.string(), orders: z.string() }),
  })
  .meta({ id: 'Account' });

export type AccountView = z.infer<typeof account>;

export function viewOfAccount(found: Account): AccountView {
  const { _id, agency, name, timeZone, country, region, contact, subscription, facts, version } = found;
  const locale = found.locale ?? localeOfCountry(country);
  const self = `/v1/admin/accounts/${_id}`;
  const byName = Object.entries(facts).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...{ id: _id, agency, name, timeZone, country, region, locale, contact, subscription, version },
    facts: byName.map(([fact, { holds, seq, at }]) => ({ fact, holds, seq, at: iso(at) })),
    grants: viewOfGrants(found),
    links: { self, grants: `${self}/grants`, orders: `/v1/admin/orders?account=${_id}` },
  };
}

export function viewOfGrants({ grants }: Pick<Account, 'grants'>): z.infer<typeof grant>[] {
  return grantNames.flatMap((name) => (grants[name] ? [viewOfGrant(name, grants[name])] : []));
}

function viewOfGrant(name: GrantName, is: Grant): z.infer<typeof grant> {
  const { status, since, probe, lastLook, nextLookAt, misses, attestation, expiresAt, note } = is;
  return {
    ...{ grant: name, title: grantTitles[name], status, since: iso(since), probe, unanswered: misses, note },
    ...(lastLook && { lastLook: { ...lastLook, at: iso(lastLook.at) } }),
    ...(attestation && { attestation: { ...attestation, at: iso(attestation.at) } }),
    ...{ nextLookAt: isoOrNone(nextLookAt), expiresAt: isoOrNone(expiresAt) },
  };
}
