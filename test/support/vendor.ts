/** A simulated vendor that serves a stage of the orders in tests, and the guard that lets calls reach it. */
import { afterAll } from 'vitest';
import { days, hours, minutes } from '../../kernel/time.ts';
import type { Models } from '../../models/open.ts';
import type { Vendor } from '../../models/vendor.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import { startVendor } from '../../scripts/simulators/vendor.ts';

export const secretOf = (name: string): string => `whsec_${Buffer.from(name.padEnd(32, '-')).toString('base64')}`;

/** As the vendor is unless a test says otherwise: it verifies business profiles. */
export async function aVendor(models: Models, changes: Partial<Vendor> = {}) {
  const vendor = await startVendor({ secret: secretOf('current') });
  afterAll(() => vendor.close());
  const record: Vendor = {
    _id: 'verifier',
    name: 'Verifier Inc.',
    url: `${vendor.origin}/dispatches`,
    statusUrl: `${vendor.origin}/status`,
    secrets: [secretOf('current'), secretOf('old')],
    limit: 2,
    schedule: [minutes(1), minutes(10), hours(1)],
    keyMemory: hours(24),
    pollAfter: hours(1),
    answerWithin: days(3),
    serves: [{ product: 'gbp', stage: 'verification' }],
    ...changes,
  };
  await models.vendors.put(record);
  const timeouts = { connect: 1_000, answer: 500, total: 1_000 };
  return { vendor, record, outside: httpGuard({ allow: [vendor.origin], timeouts }) };
}
