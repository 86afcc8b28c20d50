/** The demo's vendor: another company, that does the external stages and calls back. Simulated, over real HTTP. */
import { randomBytes } from 'node:crypto';
import { days, hours, minutes } from '../../kernel/time.ts';
import type { Vendor } from '../../models/vendor.ts';
import { startVendor } from '../simulators/vendor.ts';

const serves = [
  { product: 'gbp', stage: 'verification' },
  { product: 'facebook_ads', stage: 'launch' },
  { product: 'tiktok_ads', stage: 'launch' },
  { product: 'backlinks', stage: 'placed' },
  { product: 'listings', stage: 'action_needed' },
];

export const isServed = (product: string, stage: string): boolean =>
  serves.some((one) => one.product === product && one.stage === stage);

export async function openVendor() {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const simulated = await startVendor({ secret });
  const record: Vendor = {
    _id: 'northbridge',
    name: 'Northbridge Fulfilment',
    url: `${simulated.origin}/dispatches`,
    statusUrl: `${simulated.origin}/status`,
    secrets: [secret],
    limit: 8,
    schedule: [minutes(1), minutes(5), hours(1)],
    keyMemory: days(1),
    pollAfter: hours(1),
    answerWithin: days(14),
    serves,
  };
  return { simulated, record };
}
