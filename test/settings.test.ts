/**
 * Every setting that is stored is read: each field of an agency, an account, a person, a vendor and an API key has a row
 * here that changes it and sees something else happen. A field without a row does not compile.
 */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../kernel/ids.ts';
import { after, days, hours, minutes, systemClock } from '../kernel/time.ts';
import type { Account, Profile } from '../models/account.ts';
import type { Agency } from '../models/agency.ts';
import type { ApiKey } from '../models/api-key.ts';
import type { StaffMember } from '../models/staff.ts';
import type { Vendor } from '../models/vendor.ts';
import { readConfig } from '../runtime/config.ts';
import type { HttpGuard } from '../runtime/http-guard.ts';
import { signedHeaders } from '../runtime/webhook.ts';
import type { SimulatedVendor } from '../scripts/simulators/vendor.ts';
import { fillIn, formIn } from '../scripts/trial/forms.ts';
import { calendarOfAccount } from '../workers/accounts/place.ts';
import { workflowFor } from '../workflows/index.ts';
import { exampleOf } from '../workflows/products/exit.ts';
import { workingTime } from '../workflows/time/quiet-hours.ts';
import { stateOf } from '../workflows/words/state.ts';
import { anApi, client, type TestApi } from './support/api.ts';
import { anOrder, leaving, walk } from './support/given.ts';
import { readSources } from './support/sources.ts';
import { aVendor, secretOf } from './support/vendor.ts';
import { account, agency, movableClock, openWorkshop, placeOrder, type Workshop } from './support/workshop.ts';

/** What is seen under a setting, and under another; the two differ. */
type Row = () => Promise<[unknown, unknown]>;
type Table<T> = { [Field in Exclude<keyof Required<T>, '_id'>]: Row };

let api: TestApi;
let shop: Workshop;
let vendor: SimulatedVendor;
let record: Vendor;
let outside: HttpGuard;
let clock = movableClock();

beforeAll(async () => {
  [api, shop] = [await anApi(), await openWorkshop()];
  ({ vendor, record, outside } = await aVendor(shop.context.models));
});
beforeEach(() => {
  clock = movableClock(systemClock.now());
  vendor.manners = { answers: 'never' };
});

function each(table: Record<string, Row>) {
  test.each(Object.entries(table))('%s', async (_, row) => {
    const [under, otherwise] = await row();
    expect(under).not.toEqual(otherwise);
  });
}

/** The mail that asks a new client, under an agency that is as usual, and under one that is changed. */
function mailed(change: Partial<Agency>, see: (mail: ReturnType<typeof lastMail>) => unknown): Row {
  return async () => {
    const seen: unknown[] = [];
    for (const one of [agency, { ...agency, ...change }]) {
      await shop.context.models.agencies.put(one);
      shop.sink.taken.length = 0;
      await placeOrder(shop);
      seen.push(see(lastMail()));
    }
    await shop.context.models.agencies.put(agency);
    return [seen[0], seen[1]];
  };
}
const lastMail = () => shop.sink.taken[0]!.mail;

describe('of an agency', () => {
  each({
    name: mailed({ name: 'Other' }, ({ text }) => text?.includes('Other')),
    from: mailed({ from: { name: 'O', email: 'o@other.example' } }, ({ from }) => from?.text),
    replyTo: mailed({ replyTo: { name: 'R', email: 'r@other.example' } }, ({ replyTo }) => replyTo?.text),
    logoUrl: mailed({ logoUrl: 'https://other.example/logo.png' }, ({ html }) => String(html).includes('logo.png')),
    colour: mailed({ colour: '#123456' }, ({ html }) => String(html).includes('#123456')),
    words: mailed({ words: { greeting: 'Moin', closing: 'Bye', footer: 'Ltd' } }, ({ text }) =>
      ['Moin', 'Bye', 'Ltd'].every((word) => text?.includes(word)),
    ),
    async timeZone() {
      const { accounts, agencies } = shop.context.models;
      await accounts.put({ ...account, _id: 'nowhere', timeZone: '' });
      const before = await calendarOfAccount('nowhere', shop.context.models);
      await agencies.change(agency._id, { set: { timeZone: 'Asia/Kolkata' } });
      const calendar = await calendarOfAccount('nowhere', shop.context.models);
      await agencies.put(agency);
      return [before, calendar];
    },
    async mailSecrets() {
      const report = async () => {
        const headers = signedHeaders([secretOf('mail')], { id: newId(), at: systemClock.now(), body: 'none' });
        const asked = { headers: { ...headers, 'content-type': 'message/rfc822' }, payload: 'none' };
        return (await api.app.inject({ method: 'POST', url: '/v1/mail-events/north', ...asked })).statusCode;
      };
      const before = await report();
      await api.models.agencies.change('north', { set: { mailSecrets: [secretOf('mail')] } });
      return [before, await report()];
    },
  } satisfies Table<Agency>);
});

const put = (change: Partial<Account>) => shop.context.models.accounts.put({ ...account, ...change });

function place(change: Partial<Profile>): Row {
  return async () => {
    const calendars: unknown[] = [];
    for (const one of [{}, change]) {
      await put({ _id: `place-${Object.keys(change)}`, ...one });
      calendars.push(await calendarOfAccount(`place-${Object.keys(change)}`, shop.context.models));
    }
    return [calendars[0], calendars[1]];
  };
}

describe('of an account', () => {
  each({
    async agency() {
      const shown = async (one: string) => {
        await api.models.accounts.put({ ...account, _id: `of-${one}`, agency: one });
        return (await api.call('GET', `/v1/admin/accounts/of-${one}`)).statusCode;
      };
      return [await shown('north'), await shown('south')];
    },
    async name() {
      const subject = async (name: string) => {
        await put({ name });
        shop.sink.taken.length = 0;
        await placeOrder(shop);
        return lastMail().subject?.replace(/\(.*/, '');
      };
      const under = await subject('Another name');
      return [under, await subject(account.name)];
    },
    timeZone: place({ timeZone: 'Europe/Lisbon' }),
    country: place({ country: 'AT' }),
    region: place({ region: 'BY' }),
    /** An amount is stored as its people write it. */
    async locale() {
      const stored = async (locale: string) => {
        await api.models.accounts.put({ ...account, _id: locale, agency: 'north', locale });
        const order = await api.order('google_ads', { account: locale });
        const link = stateOf((await api.models.orders.get(order))!.state, 'intake').link ?? '';
        const url = `/onboarding/${api.token('link', link)}`;
        const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
        const form = formIn((await api.app.inject({ method: 'GET', url, headers })).body)!;
        const answers = exampleOf(workflowFor('google_ads').stages[0]!);
        const typed = fillIn(form, answers).map(([name, value]): [string, string] => [
          name,
          name.endsWith('.amount') ? '1.500' : value,
        ]);
        await api.app.inject({ method: 'POST', url, headers, payload: new URLSearchParams(typed).toString() });
        await api.work();
        return stateOf((await api.models.orders.get(order))!.state, 'intake').data?.['monthly_budget'];
      };
      return [await stored('de-DE'), await stored('en-US')];
    },
    /** Orders are found by whom the agency talks to. */
    async contact() {
      const found = async (name: string) => {
        await api.models.accounts.put({ ...account, _id: 'talks', agency: 'north', contact: { ...client, name } });
        const answer = await api.call('GET', '/v1/admin/orders?q=Zacharias');
        return answer.json().data.length;
      };
      await found('Nobody');
      await api.order('listings', { account: 'talks' });
      return [await found('Zacharias Quint'), await found('Nobody')];
    },
  } satisfies Table<Profile>);
});

/** What a manager is mailed of a new order of theirs, and when. */
async function told(person: Partial<StaffMember>) {
  const { models } = shop.context;
  shop.clock.pass(workingTime(shop.clock.now(), 'Europe/Berlin').getTime() - shop.clock.now().getTime());
  await models.staff.put({ _id: 'ann', name: 'Ann', email: 'ann@agency.example', ...person });
  const order = await placeOrder(shop);
  const actor = { type: 'staff', id: 'boss', role: 'order_admin' } as const;
  const command = { type: 'assign', manager: 'ann' };
  await shop.accept({ queue: 'setup', kind: 'command', order, actor, payload: { order, command } });
  await shop.settle(order);
  shop.sink.taken.length = 0;
  const payload = { template: 'sla-breached', order, stage: 'intake', round: 1, to: 'manager' };
  const ending = await shop.deliver((await shop.accept({ queue: 'notifications', kind: 'tell', order, payload }))._id);
  const [mail] = shop.sink.taken;
  const alerts = await models.alerts.list({}, { kind: 'capacity', state: 'open' }, { skip: 0, limit: 9 });
  return { ending, greeting: mail?.mail.text?.split('\n')[0], to: mail?.to, alerts: alerts.length };
}

const person = (see: keyof Awaited<ReturnType<typeof told>>, change: Partial<StaffMember>): Row => {
  return async () => [(await told(change))[see], (await told({ timeZone: 'Europe/Berlin' }))[see]];
};

describe('of a person', () => {
  each({
    name: person('greeting', { name: 'Berta' }),
    email: person('to', { email: 'berta@agency.example' }),
    timeZone: person('ending', { timeZone: 'Pacific/Honolulu' }),
    async agency() {
      const { staff } = shop.context.models;
      await staff.put({ _id: 'else', name: 'Else', email: 'else@agency.example', agency: 'elsewhere' });
      return [await staff.unknown(['else'], agency._id), await staff.unknown(['else'], 'elsewhere')];
    },
    async capacity() {
      const { models } = shop.context;
      const weighed = async (capacity: number) => {
        await models.staff.put({ _id: 'cap', name: 'Cap', email: 'cap@agency.example', capacity });
        const { _id } = await shop.accept({ queue: 'notifications', kind: 'weigh', payload: { staff: 'cap' } });
        await shop.deliver(_id);
        return (await models.alerts.list({}, { kind: 'capacity', state: 'open' }, { skip: 0, limit: 9 })).length;
      };
      const roomy = await weighed(9);
      return [roomy, await weighed(-1)];
    },
  } satisfies Table<StaffMember>);
});

/** An order at a vendor that is as the test says, carried on for so many hours. */
async function atVendor(change: Partial<Vendor>, { manners = {}, hoursLong = 0 } = {}) {
  const { models } = shop.context;
  for (const name of ['VendorSlot', 'VendorHealth']) await models.connection.model(name).collection.deleteMany({});
  await models.vendors.put({ ...record, ...change });
  vendor.manners = { answers: 'never', ...manners };
  vendor.calls.length = 0;
  const order = newId();
  const state = { ...leaving(walk(anOrder('gbp'), 'client_approval'), 'client_approval'), timers: {} };
  const who = { at: clock.now(), work: `${order}-made`, actor: { type: 'system' as const, id: 'test' } };
  const entry = { ...who, cause: 'api' as const, action: 'create-order', outcome: 'done' as const, events: [] };
  const set = { agency: agency._id, account: account._id, state };
  await models.orders.create(order, { entry, effects: [], set, dueAt: clock.now() });
  const { round, asked } = stateOf(state, 'verification');
  const payload = { order, stage: 'verification', round, asked };
  await shop.accept({ queue: 'fulfillment', kind: 'dispatch', order, payload, runAt: clock.now() });
  for (let hour = 0; hour <= hoursLong; hour += 1) {
    await carryOn(order);
    clock.pass(hours(1));
  }
  const [dispatch] = await models.dispatches.ofOrder(order);
  const waiting = (await models.work.ofOrder(order, 99)).find(
    ({ state: is, runAt }) => is === 'open' && runAt > who.at,
  );
  const { status, note } = stateOf((await models.orders.get(order))!.state, 'verification');
  const due = waiting && Math.round((waiting.runAt.getTime() - who.at.getTime()) / minutes(1));
  return { dispatch, calls: vendor.calls.length, due, status, note, signed: vendor.calls[0]?.signed };
}

async function carryOn(order: string): Promise<void> {
  const ports = { outside, clock, business: clock };
  for (let round = 0; round < 30; round += 1) {
    const items = (await shop.context.models.work.ofOrder(order, 99)).reverse();
    const due = items.filter(
      ({ state, runAt, queue }) => state === 'open' && runAt <= clock.now() && queue !== 'notifications',
    );
    if (due.length === 0) return;
    for (const { _id } of due) await shop.deliver(_id, ports);
  }
}

type Seen = Awaited<ReturnType<typeof atVendor>>;
const vendorRow = (
  change: Partial<Vendor>,
  see: (seen: Seen) => unknown,
  how: Parameters<typeof atVendor>[1] = {},
): Row => {
  return async () => [see(await atVendor({}, how)), see(await atVendor(change, how))];
};
const broken = { manners: { status: 500 } };

describe('of a vendor', () => {
  each({
    agency: vendorRow({ agency: 'elsewhere' }, ({ dispatch }) => dispatch === undefined),
    name: vendorRow({ name: 'Other Inc.' }, ({ note }) => note?.includes('Other Inc.'), { ...broken, hoursLong: 3 }),
    get url() {
      return vendorRow({ url: 'http://127.0.0.1:1/' }, ({ calls }) => calls);
    },
    async statusUrl() {
      const { statusUrl: _, ...mute } = record;
      const seen = await atVendor({}, { manners: { answers: 'never' }, hoursLong: 3 });
      await shop.context.models.vendors.put(mute);
      record = mute;
      const other = await atVendor({}, { manners: { answers: 'never' }, hoursLong: 3 });
      record = { ...mute, statusUrl: `${vendor.origin}/status` };
      return [seen.status, other.status];
    },
    secrets: vendorRow({ secrets: [secretOf('another')] }, ({ signed }) => signed),
    limit: vendorRow({ limit: 0 }, ({ calls }) => calls),
    schedule: vendorRow({ schedule: [minutes(7)] }, ({ due }) => due, broken),
    keyMemory: vendorRow({ keyMemory: minutes(30) }, ({ note }) => note?.includes('remembers'), {
      ...broken,
      hoursLong: 2,
    }),
    pollAfter: vendorRow({ pollAfter: hours(2) }, ({ due }) => due),
    answerWithin: vendorRow({ answerWithin: minutes(1), statusUrl: '' }, ({ note }) => note?.includes('time agreed'), {
      hoursLong: 2,
    }),
    serves: vendorRow({ serves: [] }, ({ dispatch }) => dispatch === undefined),
  } satisfies Table<Vendor>);
});

/** What somebody with such a key is answered. */
const keyed = (change: Partial<ApiKey>, ask = '/v1/admin/orders?limit=1'): Row => {
  return async () => {
    const given = { name: 'Key', type: 'staff', role: 'order_admin', agency: 'north' } as const;
    const answers = [given, { ...given, ...change }].map(async (one) => {
      const { key } = await api.models.apiKeys.issue(one, systemClock.now());
      const body = { title: 'T', product: 'listings', tier: 'basic', account: 'acme', client };
      const answer = ask.startsWith('POST')
        ? await api.call('POST', ask.slice(5), { as: key, body })
        : await api.call('GET', ask, { as: key });
      return answer.statusCode;
    });
    const [under, otherwise] = await Promise.all(answers);
    return [under, otherwise];
  };
};

/** Its name is for whoever lists the keys, and nothing goes by when it was made. */
describe('of an API key', () => {
  each({
    role: keyed({ role: 'fulfillment' }, 'POST /v1/admin/orders'),
    agency: keyed({ agency: 'south' }, '/v1/admin/accounts/acme'),
    accounts: keyed({ accounts: ['bolt'] }, '/v1/admin/accounts/acme'),
    expiresAt: keyed({ expiresAt: after(systemClock.now(), -days(1)) }),
    async hash() {
      const { key } = await api.models.apiKeys.issue({ name: 'K', type: 'staff', role: 'order_admin' }, new Date());
      const ask = async (one: string) => (await api.call('GET', '/v1/admin/orders?limit=1', { as: one })).statusCode;
      return [await ask(key), await ask(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)];
    },
    async revokedAt() {
      const { key, id } = await api.models.apiKeys.issue({ name: 'K', type: 'staff', role: 'order_admin' }, new Date());
      const ask = async () => (await api.call('GET', '/v1/admin/orders?limit=1', { as: key })).statusCode;
      const before = await ask();
      await api.models.apiKeys.revoke(id, systemClock.now());
      return [before, await ask()];
    },
    /** History says whether a person or a program did it. */
    async type() {
      const made = async (type: ApiKey['type']) => {
        const given = { name: type, type, role: 'order_admin', agency: 'north' } as const;
        const { key } = await api.models.apiKeys.issue(given, systemClock.now());
        const body = { title: 'T', product: 'listings', tier: 'basic', account: 'acme', client };
        const order = (await api.call('POST', '/v1/admin/orders', { as: key, body })).json().order.id;
        await api.work();
        return (await api.models.orders.get(order))?.history[0]?.actor.type;
      };
      return [await made('staff'), await made('service')];
    },
  } satisfies Omit<Table<ApiKey>, 'name' | 'createdAt'>);
});

test('every variable of the environment is read by more than the configuration', async () => {
  const needed = { MONGODB_URI: 'mongodb://db/orders', REDIS_URL: 'redis://cache', LINK_SECRET: 'x'.repeat(32) };
  const readers = (await readSources()).filter(({ path }) => /^(api|workers|runtime|scripts)\//.test(path));
  const others = readers.filter(({ path }) => path !== 'runtime/config.ts').map(({ text }) => text);
  const unread = Object.keys(readConfig(needed)).filter(
    (key) => !others.some((text) => new RegExp(`\\b${key}\\b`).test(text)),
  );
  expect(unread).toEqual([]);
});
