/**
 * Rules of an access: asked for, seen or not seen, attested by staff, refused, lost, expired. Only an answer changes
 * where it stands; silence of the endpoint never takes an access away.
 */
import { Refusal } from '../../kernel/errors.ts';
import { hashOf } from '../../kernel/ids.ts';
import type { CommandContext } from '../engine/scene.ts';
import { requireReason } from '../rules/guards.ts';
import type { AccountCommandOf } from './commands.ts';
import type { AccountChange, AccountEffect, AccountEvent } from './events.ts';
import { nextLook } from './looking.ts';
import { factOfGrant, type GrantName, grantTitles } from './names.ts';
import type { AccountState, Finding, Grant, GrantStatus } from './state.ts';

type Decide<Type extends Parameters<typeof decideGrant>[1]['type']> = (
  state: AccountState,
  command: AccountCommandOf<Type>,
  asked: CommandContext,
) => AccountChange;

type GrantCommand = AccountCommandOf<
  'request-grant' | 'probe-grant' | 'record-probe' | 'attest-grant' | 'refuse-grant' | 'revoke-grant' | 'expire-grant'
>;

export function decideGrant(state: AccountState, command: GrantCommand, asked: CommandContext): AccountChange {
  switch (command.type) {
    case 'request-grant':
      return request(state, command, asked);
    case 'probe-grant':
      return probeNow(state, command, asked);
    case 'record-probe':
      return recordProbe(state, command, asked);
    case 'attest-grant':
      return attest(state, command, asked);
    case 'refuse-grant':
      return end(state, { grant: command.grant, to: 'refused', from: ['requested', 'pending'] }, asked);
    case 'revoke-grant':
      return end(state, { grant: command.grant, to: 'revoked', from: ['active'] }, asked);
    case 'expire-grant':
      return expire(state, command, asked);
  }
}

/** Asked for again, with another way to look, the way is changed; what is there already is not asked for. */
const request: Decide<'request-grant'> = (state, { grant, probe }, { at }) => {
  const current = state.grants[grant];
  const isAwaited = current?.status === 'requested' || current?.status === 'pending';
  if (current?.status === 'active') throw new Refusal('nothing_changed', `${titled(grant)} is granted already.`);
  if (isAwaited && hashOf(current.probe) === hashOf(probe)) {
    throw new Refusal('nothing_changed', `${titled(grant)} has been asked for already.`);
  }
  const next = { ...fresh(probe, at), seq: current?.seq ?? 0 };
  const asked = { type: 'grant-requested', grant, probe: probe.type } as const;
  return changed(state, { grant, to: next, events: [asked] }, at);
};

const probeNow: Decide<'probe-grant'> = (state, { grant }, { at }) => {
  const current = requireGrant(state, grant);
  if (current.probe.type === 'attestation') {
    throw new Refusal('grant_not_probed', `${titled(grant)} is attested by staff; there is nothing to look at.`);
  }
  if (current.nextLookAt && current.nextLookAt <= at) {
    throw new Refusal('request_underway', `${titled(grant)} is being looked at already.`);
  }
  return changed(state, { grant, to: current, lookAt: at, events: [] }, at);
};

const recordProbe: Decide<'record-probe'> = (state, { grant, seq, finding, says, wait = 0 }, { at }) => {
  const current = state.grants[grant];
  if (current?.seq !== seq) throw new Refusal('superseded', `${titled(grant)} is to be looked at anew.`);
  const status = after[finding](current.status);
  const isLost = current.status === 'active' && status === 'revoked';
  const next: Grant = {
    ...(status === current.status ? current : { ...reopened(current, at), ...moved(current, status, at) }),
    ...(isLost && { endedBy: 'look' }),
    looks: finding === 'granted' ? 0 : finding === 'unreachable' ? current.looks : isLost ? 1 : current.looks + 1,
    misses: finding === 'unreachable' ? current.misses + 1 : 0,
    lastLook: { at, finding, says },
  };
  const due = nextLook(next, at);
  const lookAt = due && new Date(Math.max(due.getTime(), at.getTime() + wait));
  const events = [{ type: 'grant-looked-at', grant, seq, finding } as const];
  return changed(state, { grant, to: next, ...(lookAt && { lookAt }), events }, at);
};

/** Where an access stands after a look. Without an answer it stands where it stood. */
const after: Record<Finding, (status: GrantStatus) => GrantStatus> = {
  granted: () => 'active',
  missing: (status) => (status === 'requested' ? 'pending' : status === 'active' ? 'revoked' : status),
  refused: () => 'refused',
  unreachable: (status) => status,
};

const attest: Decide<'attest-grant'> = (state, { grant, evidence, expiresAt: ends, seq: known }, { actor, at }) => {
  if (known !== undefined && known < (state.facts[factOfGrant(grant)]?.seq ?? 0)) {
    throw new Refusal('superseded', `${titled(grant)} has changed since somebody saw it.`);
  }
  const current = state.grants[grant];
  const expiresAt = ends === undefined ? undefined : new Date(ends);
  if (expiresAt && expiresAt <= at) {
    throw new Refusal('invalid_request', 'The attestation would have ended already.', [
      { pointer: '/expires_at', rule: 'in_the_past', message: `Enter a time after ${at.toISOString()}.` },
    ]);
  }
  if (
    current?.status === 'active' &&
    current.attestation?.evidence === evidence &&
    hashOf(current.expiresAt) === hashOf(expiresAt)
  ) {
    throw new Refusal('nothing_changed', `${titled(grant)} is attested so already.`);
  }
  const { endedBy: _, note: __, expiresAt: ___, ...before } = current ?? fresh({ type: 'attestation' }, at);
  const next: Grant = {
    ...{ ...before, ...moved(before, 'active', at), looks: 0, misses: 0 },
    ...{ attestation: { by: actor.id, at, evidence }, ...(expiresAt && { expiresAt }) },
  };
  const attested = { type: 'grant-attested', grant, hash: hashOf(evidence), ...(ends && { expiresAt: ends }) } as const;
  const effects: AccountEffect[] = expiresAt ? [{ type: 'expire', grant, at: expiresAt }] : [];
  return changed(state, { grant, to: next, events: [attested], effects }, at);
};

interface Ending {
  grant: GrantName;
  to: 'refused' | 'revoked';
  from: GrantStatus[];
}

function end(state: AccountState, { grant, to, from }: Ending, asked: CommandContext): AccountChange {
  const current = requireGrant(state, grant);
  const note = requireReason(asked, `record an access as ${to}`);
  if (!from.includes(current.status)) {
    throw new Refusal(
      'grant_state_wrong',
      `${titled(grant)} is ${current.status}; only ${from.join(' or ')} is ${to}.`,
    );
  }
  const next: Grant = { ...current, ...moved(current, to, asked.at), endedBy: 'person', note };
  return changed(state, { grant, to: next, events: [] }, asked.at);
}

/** It may have been attested anew since, with another end. */
const expire: Decide<'expire-grant'> = (state, { grant, expiresAt }, { at }) => {
  const current = state.grants[grant];
  if (current?.status !== 'active' || current.expiresAt?.toISOString() !== new Date(expiresAt).toISOString()) {
    throw new Refusal('superseded', `${titled(grant)} does not end at ${expiresAt} any more.`);
  }
  return changed(state, { grant, to: { ...current, ...moved(current, 'expired', at) }, events: [] }, at);
};

/** Without the marks of how it ended, and of an end that is past. */
function reopened({ endedBy: _, note: __, expiresAt, ...current }: Grant, at: Date): Grant {
  return { ...current, ...(expiresAt && expiresAt > at && { expiresAt }) };
}

const fresh = (probe: Grant['probe'], at: Date): Grant => ({
  ...{ status: 'requested', since: at, probe, seq: 0, looks: 0, misses: 0 },
});

const moved = (current: Grant, status: GrantStatus, at: Date): Pick<Grant, 'status' | 'since'> => ({
  status,
  since: status === current.status ? current.since : at,
});

interface Changed {
  grant: GrantName;
  to: Grant;
  /** When to look next, where that is not as usual. */
  lookAt?: Date;
  events: AccountEvent[];
  effects?: AccountEffect[];
}

/** The next look is set under the next number, so that the one that was set before does nothing. */
function changed(state: AccountState, { grant, to, lookAt, events, effects = [] }: Changed, at: Date): AccountChange {
  const { nextLookAt: _, ...rest } = to;
  const next = lookAt ?? nextLook(rest, at);
  const seq = to.seq + 1;
  const from = state.grants[grant]?.status ?? 'none';
  const grants = { ...state.grants, [grant]: { ...rest, seq, ...(next && { nextLookAt: next }) } };
  return {
    state: { ...state, grants },
    events: [
      ...events,
      ...(from === to.status ? [] : [{ type: 'grant-changed', grant, from, to: to.status } as const]),
      ...(next ? [{ type: 'look-set', grant, seq, at: next.toISOString() } as const] : []),
    ],
    effects: [...effects, ...(next ? [{ type: 'look', grant, seq, at: next } as const] : [])],
  };
}

function requireGrant(state: AccountState, grant: GrantName): Grant {
  const current = state.grants[grant];
  if (current) return current;
  throw new Refusal('grant_not_requested', `${titled(grant)} has not been asked for.`);
}

const titled = (grant: GrantName): string => `Access to ${grantTitles[grant]}`;
