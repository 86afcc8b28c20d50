/** Looks at accesses, against a real endpoint and a real name server: what is seen, and what silence does not mean. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { days, hours, minutes } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import { createDns } from '../../runtime/dns.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { AccountCommand } from '../../workflows/accounts/commands.ts';
import type { Probe } from '../../workflows/accounts/state.ts';
import { openWorkshop, account as profile, type Workshop } from '../support/workshop.ts';
import { aZone, type Zone } from '../support/zone.ts';

let shop: Workshop;
let zone: Zone;
let outside: Partial<Context>;
let origin = '';
const endpoint = { status: 200, body: '', retryAfter: '', calls: 0, hang: false };
const server = createServer((_request, response) => {
  endpoint.calls += 1;
  if (endpoint.hang) return;
  if (endpoint.retryAfter) response.setHeader('retry-after', endpoint.retryAfter);
  response.writeHead(endpoint.status, { 'content-type': 'application/json' }).end(endpoint.body);
});

beforeAll(async () => {
  [shop, zone] = [await openWorkshop(), await aZone()];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const timeouts = { connect: 2_000, answer: 500, total: 2_000 };
  outside = {
    outside: httpGuard({ allow: [origin], timeouts }),
    dns: createDns({ servers: [zone.server], timeout: 2_000, tries: 1 }),
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => Object.assign(endpoint, { status: 200, body: '', retryAfter: '', calls: 0, hang: false }));

const manager = { type: 'staff', id: 'manager', role: 'setup_manager' } as const;

async function requested(probe: Probe): Promise<string> {
  const account = `account_${newId()}`;
  await shop.context.models.accounts.put({ ...profile, _id: account });
  await tell(account, { type: 'request-grant', grant: 'analytics', probe });
  return account;
}

async function tell(account: string, command: AccountCommand): Promise<void> {
  const draft = { queue: 'setup', kind: 'account', payload: { account, command }, account, actor: manager };
  await shop.accept({ ...draft, reason: 'Because.' });
  await quiet(account);
}

const dueOf = async (account: string): Promise<WorkItem[]> => {
  const open = { account, state: 'open', runAt: { $lte: shop.clock.now() } };
  const found = shop.context.models.work.model.collection.find(open as never);
  return (await found.toArray()) as unknown as WorkItem[];
};

async function quiet(account: string): Promise<void> {
  for (let items = await dueOf(account); items.length > 0; items = await dueOf(account)) {
    for (const { _id } of items) expect(await shop.deliver(_id, outside)).toBe('settled');
  }
}

const grantOf = async (account: string) => (await shop.context.models.accounts.get(account))!.grants.analytics!;

describe('an endpoint', () => {
  test.each([
    [200, '', 'active', 'granted'],
    [204, '', 'active', 'granted'],
    [200, '{"active":true}', 'active', 'granted'],
    [200, '{"active":false}', 'pending', 'missing'],
    [200, '{"status":"ACTIVE"}', 'active', 'granted'],
    [200, '{"status":"pending"}', 'pending', 'missing'],
    [200, '{"status":"REFUSED"}', 'refused', 'refused'],
    [200, '{"status":"something else"}', 'requested', 'unreachable'],
    [200, '{"status":7}', 'active', 'granted'],
    [401, '', 'pending', 'missing'],
    [403, '', 'pending', 'missing'],
    [404, '', 'pending', 'missing'],
    [302, '', 'requested', 'unreachable'],
    [429, '', 'requested', 'unreachable'],
    [500, '', 'requested', 'unreachable'],
  ])('that answers %i %s makes the access %s', async (status, body, standing, finding) => {
    Object.assign(endpoint, { status, body });
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    expect(await grantOf(account)).toMatchObject({ status: standing, lastLook: { finding } });
  });

  test.each([
    ['seconds', () => '7200'],
    ['a date', () => new Date(shop.clock.now().getTime() + hours(2)).toUTCString()],
  ])('is left alone for as long as it says, in %s', async (_, retryAfter) => {
    Object.assign(endpoint, { status: 503, retryAfter: retryAfter() });
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    const wait = (await grantOf(account)).nextLookAt!.getTime() - shop.clock.now().getTime();
    expect(Math.abs(wait - hours(2))).toBeLessThan(minutes(1));
  });

  test('is asked again when the wait is over, and not before', async () => {
    endpoint.status = 404;
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    await quiet(account);
    expect(endpoint.calls).toBe(1);
    shop.clock.pass(minutes(15));
    endpoint.status = 200;
    await quiet(account);
    expect([endpoint.calls, (await grantOf(account)).status]).toEqual([2, 'active']);
    shop.clock.pass(days(1));
    endpoint.status = 401;
    await quiet(account);
    expect(await grantOf(account)).toMatchObject({ status: 'revoked', endedBy: 'look' });
  });

  test('that falls silent takes nothing away', async () => {
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    endpoint.hang = true;
    shop.clock.pass(days(1));
    await quiet(account);
    expect(await grantOf(account)).toMatchObject({ status: 'active', misses: 1, lastLook: { finding: 'unreachable' } });
    const { facts } = (await shop.context.models.accounts.get(account))!;
    expect(facts['grant.analytics']).toMatchObject({ holds: true, seq: 1 });
  });

  test('inside our own network is never called', async () => {
    const account = await requested({ type: 'http', url: 'http://127.0.0.1:1/' });
    const { status, lastLook } = await grantOf(account);
    expect([status, lastLook?.finding]).toEqual(['requested', 'unreachable']);
    expect(lastLook?.says).toContain('It is not called');
  });

  test('is asked once for a look that is delivered again after it was told', async () => {
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    const probe = await shop.context.models.work.model.collection.findOne({ account, kind: 'look' });
    await shop.reopen(String(probe?._id));
    await shop.deliver(String(probe?._id), outside);
    await quiet(account);
    expect(endpoint.calls).toBe(1);
    const { history } = (await shop.context.models.accounts.get(account))!;
    expect(history.filter(({ action }) => action === 'record-probe')).toHaveLength(1);
  });

  test('is asked at once when somebody wants to know now', async () => {
    endpoint.status = 404;
    const account = await requested({ type: 'http', url: `${origin}/acme` });
    endpoint.status = 200;
    await tell(account, { type: 'probe-grant', grant: 'analytics' });
    expect((await grantOf(account)).status).toBe('active');
    shop.clock.pass(minutes(15));
    await quiet(account);
    expect(endpoint.calls).toBe(2);
  });
});

describe('a record in DNS', () => {
  const long = `orderworks-verification=${'a'.repeat(200)}`;

  test.each([
    [{ type: 'dns', record: 'TXT', host: '_orderworks.example.com', value: long }, 'TXT _orderworks.example.com'],
    [{ type: 'dns', record: 'CNAME', host: 'www.example.com', value: 'sites.agency.example' }, 'CNAME www.example.com'],
  ] as const)('%j makes the access active once it is there, and lost once it has gone', async (probe, name) => {
    zone.records.set(name, ['something-else.example']);
    const account = await requested(probe);
    expect(await grantOf(account)).toMatchObject({ status: 'pending', lastLook: { finding: 'missing' } });
    zone.records.set(name, [probe.value]);
    shop.clock.pass(minutes(15));
    await quiet(account);
    expect((await grantOf(account)).status).toBe('active');
    zone.records.delete(name);
    shop.clock.pass(days(1));
    await quiet(account);
    expect((await grantOf(account)).status).toBe('revoked');
  });

  test('that nobody can look up takes nothing away', async () => {
    zone.records.set('TXT _ow.example.org', ['token']);
    const account = await requested({ type: 'dns', record: 'TXT', host: '_ow.example.org', value: 'token' });
    expect((await grantOf(account)).status).toBe('active');
    zone.isBroken = true;
    shop.clock.pass(days(1));
    await quiet(account);
    zone.isBroken = false;
    expect(await grantOf(account)).toMatchObject({ status: 'active', misses: 1 });
  });
});

describe('an attestation', () => {
  test('is looked at a week before its end, and says so', async () => {
    const account = await requested({ type: 'attestation' });
    expect((await grantOf(account)).nextLookAt).toBeUndefined();
    const expiresAt = new Date(shop.clock.now().getTime() + days(30)).toISOString();
    await tell(account, { type: 'attest-grant', grant: 'analytics', evidence: 'Seen by us.', expiresAt });
    shop.clock.pass(days(23));
    await quiet(account);
    const { status, lastLook } = await grantOf(account);
    expect([status, lastLook?.says]).toEqual([
      'active',
      `The attestation ends on ${expiresAt.slice(0, 10)}. Attest it again before then.`,
    ]);
  });
});
