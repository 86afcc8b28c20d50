/** Where each effect of an account is carried out. All have natural ids: made twice, they are made once. */
import { system } from '../kernel/actor.ts';
import { hashedId } from '../kernel/ids.ts';
import type { EffectDraft } from '../kernel/work.ts';
import type { AccountEffect } from '../workflows/accounts/events.ts';
import { checks } from './checks.ts';
import type { Origin } from './contract.ts';
import { setup } from './setup.ts';

/** The work items of an account's effects. From here on the system acts by itself. */
export const draftsOfAccount = (effects: AccountEffect[], origin: Omit<Origin, 'actor'>): EffectDraft[] =>
  effects.map((effect) => draftOf(effect, { ...origin, actor: system }));

function draftOf(effect: AccountEffect, from: Origin): EffectDraft {
  const { account } = from;
  switch (effect.type) {
    case 'spread': {
      const { fact, seq } = effect;
      const _id = hashedId('fanout', account, fact, String(seq));
      return setup.draft('spread', { account, fact, seq }, { ...from, _id });
    }
    case 'look': {
      const { grant, seq, at: runAt } = effect;
      const timed = { ...from, _id: hashedId('probe', account, grant, String(seq)), cause: 'timer' as const, runAt };
      return checks.draft('look', { account, grant, seq }, timed);
    }
    case 'expire': {
      const { grant, at: runAt } = effect;
      const command = { type: 'expire-grant' as const, grant, expiresAt: runAt.toISOString() };
      const _id = hashedId('expiry', account, grant, runAt.toISOString());
      return setup.draft('expire', { account, command }, { ...from, _id, cause: 'timer' as const, runAt });
    }
  }
}
