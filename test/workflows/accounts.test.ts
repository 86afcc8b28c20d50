/** Accounts: accesses that are asked for, seen, lost and found again; facts and their numbers; the subscription. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import type { RefusalCode } from '../../kernel/errors.ts';
import { days, hours, minutes } from '../../kernel/time.ts';
import { type AccountCommand, accountCommand } from '../../workflows/accounts/commands.ts';
import { factOfGrant, grantNames, grantOfFact } from '../../workflows/accounts/names.ts';
import { runAccount } from '../../workflows/accounts/run.ts';
import { type AccountState, type Finding, newAccount } from '../../workflows/accounts/state.ts';
import { client, orderworks, refusalOf, staff, start } from '../support/given.ts';

const url = 'https://tokens.example.com/acme';
const manager = staff('manager');
const request: AccountCommand = { type: 'request-grant', grant: 'google_ads', probe: { type: 'http', url } };
const evidence = 'Seen in the manager account.';
const attest = (expiresAt?: string): AccountCommand => ({
  ...{ type: 'attest-grant', grant: 'google_ads', evidence, ...(expiresAt && { expiresAt }) },
});

const asked = (actor: Actor, at: Date, reason?: string) => ({ actor, at, work: 'work', reason });
const run = (state: AccountState, command: AccountCommand, at = start, actor = manager) =>
  runAccount(state, command, asked(actor, at, 'Because.'));
const having = (...commands: AccountCommand[]) =>
  commands.reduce((state, command) => run(state, command, start, actorOf(command)).state, newAccount());
const actorOf = ({ type }: AccountCommand): Actor => (/^(record|expire)/.test(type) ? orderworks : manager);

/** The next look at the access, with this finding. */
function looked(state: AccountState, finding: Finding, at = start) {
  const seq = state.grants.google_ads?.seq ?? 0;
  return run(state, { type: 'record-probe', grant: 'google_ads', seq, finding, says: 'It was so.' }, at, orderworks);
}
const looking = (state: AccountState, ...found: Finding[]) =>
  found.reduce((now, finding) => looked(now, finding).state, state);

function refuses(state: AccountState, command: AccountCommand, code: RefusalCode, actor = actorOf(command)) {
  expect(refusalOf(() => run(state, command, start, actor))?.code).toBe(code);
}
const statusOf = ({ grants }: AccountState) => grants.google_ads?.status;
const waitOf = ({ grants }: AccountState, from = start) =>
  (grants.google_ads?.nextLookAt?.getTime() ?? Number.NaN) - from.getTime();

describe('an access that is asked for', () => {
  test('is looked at at once, and says nothing to orders yet', () => {
    const { state, effects } = run(newAccount(), request);
    expect(statusOf(state)).toBe('requested');
    expect(effects).toEqual([{ type: 'look', grant: 'google_ads', seq: 1, at: start }]);
    expect(state.facts).toEqual({});
  });

  test('is pending once a look has missed it, and looked for more and more seldom', () => {
    let state = having(request);
    const waits: number[] = [];
    for (let look = 0; look < 6; look += 1) {
      state = looking(state, 'missing');
      waits.push(waitOf(state));
    }
    expect(statusOf(state)).toBe('pending');
    expect(waits).toEqual([minutes(15), hours(1), hours(4), hours(12), days(1), days(1)]);
  });

  test('is active once it is found, and looked at daily', () => {
    const { state, events, effects } = looked(looking(having(request), 'missing'), 'granted');
    expect(statusOf(state)).toBe('active');
    expect(waitOf(state)).toBe(days(1));
    expect(events.map(({ type }) => type)).toEqual(['grant-looked-at', 'grant-changed', 'look-set', 'fact-changed']);
    expect(effects).toContainEqual({ type: 'spread', fact: 'grant.google_ads', seq: 1 });
    expect(state.facts['grant.google_ads']).toEqual({ holds: true, seq: 1, at: start });
  });

  test('is not asked for twice, but may be looked at in another way', () => {
    refuses(having(request), request, 'nothing_changed');
    refuses(looking(having(request), 'granted'), request, 'nothing_changed');
    const attested: AccountCommand = { ...request, probe: { type: 'attestation' } };
    expect(run(having(request), attested).state.grants.google_ads).toMatchObject({ probe: { type: 'attestation' } });
  });

  test('can be refused, with a reason, by a person or by the platform', () => {
    const refuse: AccountCommand = { type: 'refuse-grant', grant: 'google_ads' };
    const { state } = run(having(request), refuse);
    expect(state.grants.google_ads).toMatchObject({ status: 'refused', endedBy: 'person', note: 'Because.' });
    expect(state.grants.google_ads?.nextLookAt).toBeUndefined();
    expect(state.facts['grant.google_ads']?.holds).toBe(false);
    const unsaid = refusalOf(() => runAccount(having(request), refuse, asked(manager, start)));
    expect(unsaid?.code).toBe('reason_required');
    expect(statusOf(looking(having(request), 'refused'))).toBe('refused');
    refuses(looking(having(request), 'granted'), refuse, 'grant_state_wrong');
  });
});

describe('an access that was there', () => {
  const active = looking(having(request), 'granted');

  test('is lost when a look misses it, once, and looked for again soon', () => {
    const { state, effects } = looked(active, 'missing');
    expect(state.grants.google_ads).toMatchObject({ status: 'revoked', endedBy: 'look' });
    expect(state.facts['grant.google_ads']).toMatchObject({ holds: false, seq: 2 });
    expect(effects.filter(({ type }) => type === 'spread')).toHaveLength(1);
    expect(waitOf(state)).toBe(minutes(15));
    expect(looked(state, 'missing').effects.filter(({ type }) => type === 'spread')).toEqual([]);
  });

  test('is back when a look finds it', () => {
    const back = looking(active, 'missing', 'granted');
    expect(back.grants.google_ads).toMatchObject({ status: 'active', looks: 0 });
    expect(back.grants.google_ads?.endedBy).toBeUndefined();
    expect(back.facts['grant.google_ads']).toMatchObject({ holds: true, seq: 3 });
  });

  test('is not lost when nobody answers; it is looked at again soon, then more seldom', () => {
    let state = active;
    const waits: number[] = [];
    for (let look = 0; look < 5; look += 1) {
      state = looking(state, 'unreachable');
      waits.push(waitOf(state));
    }
    expect(state.grants.google_ads).toMatchObject({ status: 'active', misses: 5 });
    expect(state.facts).toEqual(active.facts);
    expect(waits).toEqual([minutes(5), minutes(15), hours(1), hours(4), days(1)]);
    expect(looking(state, 'granted').grants.google_ads?.misses).toBe(0);
  });

  test('that a person revokes is looked for no more, until it is asked for anew', () => {
    const revoked = run(active, { type: 'revoke-grant', grant: 'google_ads' }).state;
    expect(revoked.grants.google_ads).toMatchObject({ status: 'revoked', endedBy: 'person' });
    expect(revoked.grants.google_ads?.nextLookAt).toBeUndefined();
    const again = run(revoked, request);
    expect(statusOf(again.state)).toBe('requested');
    expect(again.effects).toEqual([{ type: 'look', grant: 'google_ads', seq: 4, at: start }]);
    expect(again.state.facts['grant.google_ads']?.holds).toBe(false);
    expect(looking(again.state, 'granted').facts['grant.google_ads']?.holds).toBe(true);
  });

  test('is looked at now when somebody asks, and the look that was set does nothing', () => {
    const { state, effects } = run(active, { type: 'probe-grant', grant: 'google_ads' });
    expect(effects).toEqual([{ type: 'look', grant: 'google_ads', seq: 3, at: start }]);
    const old = { type: 'record-probe', grant: 'google_ads', seq: 2, finding: 'missing', says: 'Late.' } as const;
    refuses(state, old, 'superseded');
    refuses(state, { type: 'probe-grant', grant: 'google_ads' }, 'request_underway');
  });
});

describe('an access that staff attest', () => {
  const ends = new Date(start.getTime() + days(30)).toISOString();

  test('is active with its evidence, which the history only knows by its hash', () => {
    const { state, events } = run(newAccount(), attest());
    expect(state.grants.google_ads).toMatchObject({ status: 'active', attestation: { by: 'manager', evidence } });
    expect(JSON.stringify(events)).not.toContain('Seen');
    refuses(state, attest(), 'nothing_changed');
  });

  test('is looked at a week before its end, and expires at its end', () => {
    const { state, effects } = run(newAccount(), attest(ends));
    expect(effects).toEqual([
      { type: 'expire', grant: 'google_ads', at: new Date(ends) },
      { type: 'look', grant: 'google_ads', seq: 1, at: new Date(start.getTime() + days(23)) },
      { type: 'spread', fact: 'grant.google_ads', seq: 1 },
    ]);
    const expire: AccountCommand = { type: 'expire-grant', grant: 'google_ads', expiresAt: ends };
    const over = run(state, expire, new Date(ends), orderworks).state;
    expect(statusOf(over)).toBe('expired');
    expect(over.facts['grant.google_ads']?.holds).toBe(false);
  });

  test('does not expire at an end that was put off', () => {
    const later = new Date(start.getTime() + days(60)).toISOString();
    const renewed = having(attest(ends), attest(later));
    refuses(renewed, { type: 'expire-grant', grant: 'google_ads', expiresAt: ends }, 'superseded');
  });

  test('cannot have ended already, and has no endpoint to look at', () => {
    const refusal = refusalOf(() => run(newAccount(), attest('2020-01-01T00:00:00Z')));
    expect(refusal?.errors[0]).toMatchObject({ pointer: '/expires_at', rule: 'in_the_past' });
    refuses(having(attest()), { type: 'probe-grant', grant: 'google_ads' }, 'grant_not_probed');
    refuses(newAccount(), { type: 'probe-grant', grant: 'google_ads' }, 'grant_not_requested');
  });
});

describe('a subscription', () => {
  const set = (status: 'active' | 'past_due' | 'cancelled'): AccountCommand => ({ type: 'set-subscription', status });

  test('that is past due is told to the orders once; cancelled then tells them nothing new', () => {
    const due = run(newAccount(), set('past_due'));
    expect(due.effects).toEqual([{ type: 'spread', fact: 'subscription.active', seq: 1 }]);
    const cancelled = run(due.state, set('cancelled'));
    expect(cancelled.effects).toEqual([]);
    const paid = run(cancelled.state, set('active'));
    expect(paid.state.facts['subscription.active']).toMatchObject({ holds: true, seq: 2 });
  });

  test('takes a reason to be stopped, and is not set to what it is', () => {
    const unsaid = refusalOf(() => runAccount(newAccount(), set('past_due'), asked(manager, start)));
    expect(unsaid?.code).toBe('reason_required');
    refuses(newAccount(), set('active'), 'nothing_changed');
  });
});

describe('a milestone', () => {
  const reached: AccountCommand = { type: 'record-milestone', fact: 'site.launched', order: 'o1' };

  test('becomes a fact of the account, once', () => {
    const { state, effects } = run(newAccount(), reached, start, orderworks);
    expect(state.facts['site.launched']).toMatchObject({ holds: true, seq: 1 });
    expect(effects).toEqual([{ type: 'spread', fact: 'site.launched', seq: 1 }]);
    refuses(state, { ...reached, order: 'o2' }, 'superseded');
  });
});

test('what only the system knows, nobody else says; and a client says nothing', () => {
  const state = looking(having(request), 'granted');
  for (const command of [
    { type: 'record-milestone', fact: 'site.launched', order: 'o1' },
    { type: 'record-probe', grant: 'google_ads', seq: 2, finding: 'granted', says: 'So.' },
    { type: 'expire-grant', grant: 'google_ads', expiresAt: start.toISOString() },
  ] as const) {
    refuses(state, command, 'forbidden', manager);
  }
  refuses(state, request, 'forbidden', client);
});

test.each([
  [{ type: 'http', url: 'ftp://tokens.example.com' }, 'url'],
  [{ type: 'http', url: 'https://me:secret@tokens.example.com/' }, 'url'],
  [{ type: 'dns', record: 'MX', host: 'example.com', value: 'x' }, 'record'],
  [{ type: 'dns', record: 'TXT', host: 'not a host', value: 'x' }, 'host'],
  [{ type: 'dns', record: 'CNAME', host: 'www.example.com', value: 'not a host' }, 'value'],
  [{ type: 'carrier pigeon' }, 'type'],
])('a probe of %j is refused at its %s', (probe, field) => {
  const { error } = accountCommand.safeParse({ ...request, probe });
  expect(error?.issues[0]?.path).toContain(field);
});

test('every grant has a fact of its own', () => {
  expect(grantNames.map((name) => grantOfFact(factOfGrant(name)))).toEqual(grantNames);
  expect(grantOfFact('site.launched')).toBeUndefined();
});

describe('whatever is asked in whatever order', () => {
  const commands: AccountCommand[] = [
    request,
    attest(),
    attest(new Date(start.getTime() + days(30)).toISOString()),
    { type: 'probe-grant', grant: 'google_ads' },
    { type: 'refuse-grant', grant: 'google_ads' },
    { type: 'revoke-grant', grant: 'google_ads' },
    { type: 'expire-grant', grant: 'google_ads', expiresAt: new Date(start.getTime() + days(30)).toISOString() },
    { type: 'set-subscription', status: 'past_due' },
    { type: 'set-subscription', status: 'active' },
    ...(['granted', 'missing', 'refused', 'unreachable'] as const).map(
      (finding): AccountCommand => ({ type: 'record-probe', grant: 'google_ads', seq: 0, finding, says: 'So.' }),
    ),
  ];

  test('a fact says what the grant is, numbers only rise, and each change is spread once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(commands.length - 1), { maxLength: 30 }), (walk) => {
        let state = newAccount();
        for (const index of walk) {
          const command = commands[index]!;
          const seq = state.grants.google_ads?.seq ?? 0;
          const named = command.type === 'record-probe' ? { ...command, seq: Math.max(1, seq) } : command;
          let change: ReturnType<typeof run> | undefined;
          if (refusalOf(() => (change = run(state, named, start, actorOf(named)))) || !change) continue;
          const next: AccountState = change.state;
          for (const [fact, { seq: number }] of Object.entries(next.facts)) {
            const before = state.facts[fact]?.seq ?? 0;
            const spread = change.effects.filter((effect) => effect.type === 'spread' && effect.fact === fact);
            expect(spread).toHaveLength(number - before);
            expect(number - before).toBeLessThanOrEqual(1);
          }
          const status = statusOf(next);
          if (status === 'active') expect(next.facts['grant.google_ads']?.holds).toBe(true);
          if (['refused', 'revoked', 'expired'].includes(status ?? ''))
            expect(next.facts['grant.google_ads']?.holds).toBe(false);
          expect(next.grants.google_ads?.seq ?? 0).toBeGreaterThanOrEqual(seq);
          state = next;
        }
      }),
    );
  });
});
