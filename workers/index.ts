/** Every worker, by the name of its queue. */

import { analyticsWorker } from './analytics.ts';
import { bulkWorker } from './bulk.ts';
import { checksWorker } from './checks.ts';
import { fulfillmentWorker } from './fulfillment.ts';
import { intakeWorker } from './intake.ts';
import type { WorkerDefinition } from './machine/define.ts';
import { notificationsWorker } from './notifications.ts';
import { onboardingWorker } from './onboarding.ts';
import { setupWorker } from './setup.ts';

export const workers: Record<string, WorkerDefinition> = {
  intake: intakeWorker,
  setup: setupWorker,
  onboarding: onboardingWorker,
  notifications: notificationsWorker,
  fulfillment: fulfillmentWorker,
  bulk: bulkWorker,
  analytics: analyticsWorker,
  checks: checksWorker,
};
