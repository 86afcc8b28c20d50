/** Every scenario, in the order in which they are run. */
import type { Scenario } from '../scenario.ts';
import { sameTwice } from './asking.ts';
import { bulkKilled } from './bulk.ts';
import * as database from './database.ts';
import { replayed } from './dead-letters.ts';
import * as deploys from './deploys.ts';
import { noSpace } from './disk.ts';
import { oneHuge } from './fairness.ts';
import { guessed } from './guesses.ts';
import * as integrity from './integrity.ts';
import { manyOpen } from './recovery.ts';
import * as redis from './redis.ts';
import { hostileSites } from './tenants.ts';
import * as vendors from './vendors.ts';
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
  noSpace,
  vendors.misbehaving,
  vendors.calledBack,
  sameTwice,
  deploys.wrongClock,
  integrity.poisoned,
  replayed,
  integrity.tampered,
  deploys.twoVersions,
  oneHuge,
  hostileSites,
  guessed,
  bulkKilled,
];
