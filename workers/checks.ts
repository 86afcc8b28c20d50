/** Looks at the outside, one handler for each kind; each is in a file of its own. */
import { checks } from '../queues/checks.ts';
import { checkStage } from './check-stage.ts';
import { defineWorker } from './define.ts';
import { probeGrant } from './probe-grant.ts';

export const checksWorker = defineWorker({
  queue: checks,
  concurrency: 10,
  handlers: { check: checkStage, probe: probeGrant },
});
