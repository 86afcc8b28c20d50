/** Every scenario, in the order in which they are run. */
import type { Scenario } from '../scenario.ts';
import { sameTwice } from './asking.ts';
import { bulkKilled } from './bulk.ts';
import * as database from './database.ts';
import * as deploys from './deploys.ts';
import * as integrity from './integrity.ts';
import { manyOpen } from './recovery.ts';
import * as redis from './redis.ts';
import * as workers from './workers.ts';

export const scenarios: Scenario[] = [
  workers.killed,
  workers.heldStill,
  workers.blocked,
  workers.everyStep,
  workers.toldToStop,
  workers.crashLoop,
  redis.killed,
  redis.torn,
  redis.emptied,
  manyOpen,
  redis.away,
  redis.full,
  redis.halfDeaf,
  redis.heldStill,
  database.killed,
  database.away,
  database.heldStill,
  database.manyAtOnce,
  sameTwice,
  deploys.wrongClock,
  integrity.poisoned,
  integrity.tampered,
  deploys.twoVersions,
  bulkKilled,
];
