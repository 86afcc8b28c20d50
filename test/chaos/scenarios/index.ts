/** Every scenario, in the order in which they are run. */
import type { Scenario } from '../scenario.ts';
import { sameTwice } from './asking.ts';
import * as database from './database.ts';
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
  redis.away,
  redis.full,
  redis.halfDeaf,
  redis.heldStill,
  database.killed,
  database.away,
  database.heldStill,
  database.manyAtOnce,
  sameTwice,
];
