/** What must be there before the first order: indexes, agencies, their accounts, a vendor, and a key for each who asks. */
import { deskAccounts, deskKey } from '../../api/reference/desk.ts';
import { systemClock } from '../../kernel/time.ts';
import type { NewApiKey } from '../../models/api-key.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import type { Vendor } from '../../models/vendor.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import type { ExampleOrder, Examples } from './examples.ts';

/** Secrets: shown to whoever runs the demo and kept nowhere. */
export interface Keys {
  admin: string;
  setup: string;
  checker: string;
  /** Limited to the orders of one account. */
  client: string;
}

export type Seeds = Pick<Examples, 'agencies' | 'orders'> & { vendor: Vendor };

export async function seed(mongoUri: string, seeds: Seeds): Promise<Keys> {
  const connection = await connectMongo(mongoUri, { waitMs: 30_000 });
  const models = openModels(connection);
  await syncIndexes(models);
  const keys = await sow(models, seeds);
  await connection.close();
  return keys;
}

export async function sow(models: Models, { agencies, orders, vendor }: Seeds): Promise<Keys> {
  for (const { staff, ...agency } of agencies) {
    await models.agencies.put(agency);
    await Promise.all(staff.map((one) => models.staff.put({ ...one, agency: agency._id })));
  }
  const accounts = accountsOf(orders);
  await Promise.all([...accounts, ...accounts.flatMap(studioOf)].map((account) => models.accounts.put(account)));

  await models.vendors.put(vendor);

  const issue = async (key: Omit<NewApiKey, 'type'>, id?: string) =>
    (await models.apiKeys.issue({ type: 'staff', ...key }, systemClock.now(), id)).key;
  const client = { agency: 'brightside', accounts: [deskAccounts.riverside, deskAccounts.brightside] };
  return {
    admin: await issue({ name: 'Demo: order admin', role: 'order_admin' }, deskKey),
    setup: await issue({ name: 'Demo: setup manager', role: 'setup_manager' }),
    checker: await issue({ name: 'Demo: second person', role: 'setup_manager' }),
    client: await issue({ name: 'Demo: Riverside Dental', role: 'account_manager', ...client }),
  };
}

/** The second practice of Riverside Dental, which the desk's orders are for. */
const studioOf = (account: Seeded): Seeded[] =>
  account._id === deskAccounts.riverside
    ? [{ ...account, _id: deskAccounts.brightside, name: `${account.name} Studio` }]
    : [];

type Seeded = ReturnType<typeof accountsOf>[number];

function accountsOf(orders: ExampleOrder[]) {
  const byId = new Map(orders.map((order) => [order.accountId, order]));
  return [...byId.values()].map((order) => ({
    _id: order.accountId,
    agency: order.agency,
    name: order.account,
    timeZone: order.time_zone,
    country: order.country,
    contact: { name: order.contact_name, email: order.contact_email },
  }));
}
