/** Every queue, by name: the registry that producers, workers and the dispatcher share. */

import { analytics } from './analytics.ts';
import { bulk } from './bulk.ts';
import { checks } from './checks.ts';
import type { QueueContract } from './contract.ts';
import { fulfillment } from './fulfillment.ts';
import { intake } from './intake.ts';
import { notifications } from './notifications.ts';
import { onboarding } from './onboarding.ts';
import { setup } from './setup.ts';

export const queues: Record<string, QueueContract> = {
  setup,
  onboarding,
  notifications,
  fulfillment,
  checks,
  analytics,
  bulk,
};

/** Queues that others fill, whose jobs carry their data themselves. */
export const fromOutside: readonly string[] = [intake.name];

export function contractOf(queue: string): QueueContract {
  const contract = queue === intake.name ? intake : queues[queue];
  if (!contract) throw new Error(`There is no queue "${queue}"; there are ${Object.keys(queues).join(', ')}.`);
  return contract;
}
