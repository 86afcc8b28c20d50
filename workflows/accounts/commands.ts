/** Everything that can be asked of an account: one strict schema for each. The reason travels beside the command. */

import { z } from 'zod';
import { parseUrl } from '../../kernel/urls.ts';
import { evidence, text } from '../validators/text.ts';
import { grantNames } from './names.ts';
import { findings, subscriptionStatuses } from './state.ts';

const grant = z.enum(grantNames);
const seq = z.int().min(1);
/** The number of the fact that somebody at an order went by. */
const knownSeq = z.int().min(0).optional();
/** How long whoever was asked wants to be left alone, in ms. */
const wait = z.int().min(1).optional();
const moment = z.iso.datetime('Use a UTC time such as 2026-03-31T09:00:00Z.');

/** Where it leads is judged at each call, by the guard of calls to the outside. */
const endpoint = z
  .string()
  .trim()
  .max(2_000)
  .refine(isEndpoint, 'Enter an http or https address without a password, such as https://tokens.example.com/acme.');

const hostName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/,
    'Enter a name in DNS such as _orderworks.example.com.',
  );

export const probe = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('http'), url: endpoint }),
  z.discriminatedUnion('record', [
    z.strictObject({ type: z.literal('dns'), record: z.literal('TXT'), host: hostName, value: text(255) }),
    z.strictObject({ type: z.literal('dns'), record: z.literal('CNAME'), host: hostName, value: hostName }),
  ]),
  z.strictObject({ type: z.literal('attestation') }),
]);

export const accountCommand = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('request-grant'), grant, probe: probe.default({ type: 'attestation' }) }),
  z.strictObject({ type: z.literal('probe-grant'), grant }),
  z.strictObject({ type: z.literal('record-probe'), grant, seq, finding: z.enum(findings), says: text(300), wait }),
  z.strictObject({ type: z.literal('attest-grant'), grant, evidence, expiresAt: moment.optional(), seq: knownSeq }),
  z.strictObject({ type: z.literal('refuse-grant'), grant }),
  z.strictObject({ type: z.literal('revoke-grant'), grant }),
  z.strictObject({ type: z.literal('expire-grant'), grant, expiresAt: moment }),
  z.strictObject({ type: z.literal('set-subscription'), status: z.enum(subscriptionStatuses) }),
  z.strictObject({ type: z.literal('record-milestone'), fact: text(120), order: text(120) }),
]);

export type AccountCommand = z.output<typeof accountCommand>;
/** The command of one type: `AccountCommandOf<'attest-grant'>`. */
export type AccountCommandOf<Type extends AccountCommand['type']> = Extract<AccountCommand, { type: Type }>;

function isEndpoint(address: string): boolean {
  const url = parseUrl(address);
  if (!url) return false;
  const { protocol, username, password } = url;
  return /^https?:$/.test(protocol) && username + password === '';
}
