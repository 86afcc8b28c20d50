/** What must be there before the first order: indexes, agencies, their accounts, a vendor, and a key for each who asks. */
import { systemClock } from '../../kernel/time.ts';
import { openModels, syncIndexes } from '../../models/open.ts';
import type { Vendor } from '../../models/vendor.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import type { ExampleOrder, Examples } from './examples.ts';

/** Secrets: shown to whoever runs the demo and kept nowhere. */
export interface Keys {
  admin: string;
  setup: string;
  checker: string;
}

export async function seed(
  mongoUri: string,
  { agencies, orders, vendor }: Pick<Examples, 'agencies' | 'orders'> & { vendor: Vendor },
): Promise<Keys> {
  const connection = await connectMongo(mongoUri, { waitMs: 30_000 });
  const models = openModels(connection);
  await syncIndexes(models);
  await Promise.all(agencies.map((agency) => models.agencies.put(agency)));
  await Promise.all(accountsOf(orders).map((account) => models.accounts.put(account)));

  await models.vendors.put(vendor);

  const issue = async (name: string, role: 'order_admin' | 'setup_manager') => {
    const { key } = await models.apiKeys.issue({ name, role, type: 'staff' }, systemClock.now());
    return key;
  };
  const keys = {
    admin: await issue('Demo: order admin', 'order_admin'),
    setup: await issue('Demo: setup manager', 'setup_manager'),
    checker: await issue('Demo: second person', 'setup_manager'),
  };
  await connection.close();
  return keys;
}

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
