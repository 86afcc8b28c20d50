/** Looks at the outside, one handler for each kind; each is in a file of its own. */
import { checks } from '../queues/checks.ts';
import { checkStage } from './checks/check-stage.ts';
import { places } from './checks/places.ts';
import { defineWorker } from './machine/define.ts';
import { probeGrant } from './probes/probe-grant.ts';

export const checksWorker = defineWorker({
  queue: checks,
  concurrency: places,
  handlers: { check: checkStage, look: probeGrant },
});
