/**
 * The vendors of a trial: each an agency's own, with a ledger, so that many can be asked for the same stage at a time
 * and each can misbehave by itself.
 */
import { join } from 'node:path';
import { days, hours, seconds } from '../../kernel/time.ts';
import type { Models } from '../../models/open.ts';
import { type SimulatedVendor, startVendor } from '../../scripts/simulators/vendor.ts';

/** What all of them do. */
export const served = { product: 'gbp', stage: 'verification' };

export const secretOf = (name: string): string => `whsec_${Buffer.from(name.padEnd(32, '-')).toString('base64')}`;

export async function openVendors(names: readonly string[], dir: string): Promise<Map<string, SimulatedVendor>> {
  const open = names.map(async (name) => {
    const vendor = await startVendor({ secret: secretOf(name), ledger: join(dir, `vendor-${name}.jsonl`) });
    return [name, vendor] as const;
  });
  return new Map(await Promise.all(open));
}

/** Each vendor with an agency and an account of its own. Two secrets: the one before still counts. */
export async function introduce(vendors: Map<string, SimulatedVendor>, models: Models): Promise<void> {
  for (const [name, { origin }] of vendors) {
    const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
    await models.agencies.put({ _id: name, name, from: { name, email: `${name}@agency.example` } });
    await models.accounts.put({ _id: name, agency: name, name, timeZone: 'Europe/Berlin', country: 'DE', contact });
    await models.vendors.put({
      ...{ _id: name, agency: name, name, url: `${origin}/dispatches`, statusUrl: `${origin}/status` },
      ...{ secrets: [secretOf(name), secretOf(`${name}-before`)], limit: 8 },
      ...{ schedule: [seconds(1), seconds(2), seconds(4)], keyMemory: hours(24) },
      ...{ pollAfter: hours(1), answerWithin: days(3), serves: [served] },
    });
  }
}
