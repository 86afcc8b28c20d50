/** What two of the trials do to places and guesses that all share, played here beside everything else. */
import { guessed } from '../../chaos/scenarios/guesses.ts';
import { hostileSites } from '../../chaos/scenarios/tenants.ts';
import type { Attack } from '../attack.ts';

export const hangingSites: Attack = {
  item: 3,
  name: 'sites that hang',
  sends: hostileSites.fault,
  isLong: true,
  async play(stage) {
    stage.count(96);
    return (await hostileSites.run(stage.world)).missed ?? [];
  },
};

export const guesses: Attack = {
  item: 4,
  name: 'guesses',
  sends: guessed.fault,
  isLong: true,
  async play(stage) {
    stage.count(2_000);
    return (await guessed.run(stage.world)).missed ?? [];
  },
};
