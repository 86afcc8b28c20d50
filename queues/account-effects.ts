/** Where each effect of an account is carried out. All have natural ids: made twice, they are made once. */
import { system } from '../kernel/actor.ts';
import { hashedId } from '../kernel/ids.ts';
import type { EffectDraft } from '../kernel/work.ts';
import type { AccountEffect } from '../workflows/accounts/events.ts';
import type { Origin } from './contract.ts';

type Placed = Pick<EffectDraft, '_id' | 'queue' | 'kind' | 'payload' | 'runAt' | 'cause'>;

/** The work items of an account's effects. From here on the system acts by itself. */
export function draftsOfAccount(effects: AccountEffect[], origin: Omit<Origin, 'actor'>): EffectDraft[] {
  return effects.map((effect) => ({ ...origin, actor: system, schema: 1, ...placed(effect, origin) }));
}

function placed(effect: AccountEffect, { account, cause }: Pick<Origin, 'account' | 'cause'>): Placed {
  switch (effect.type) {
    case 'spread': {
      const { fact, seq } = effect;
      const _id = hashedId('fanout', account, fact, String(seq));
      return { _id, queue: 'setup', kind: 'fanout', cause, payload: { account, fact, seq } };
    }
    case 'look': {
      const { grant, seq, at: runAt } = effect;
      const _id = hashedId('probe', account, grant, String(seq));
      return { _id, queue: 'checks', kind: 'probe', cause: 'timer', payload: { account, grant, seq }, runAt };
    }
    case 'expire': {
      const { grant, at: runAt } = effect;
      const command = { type: 'expire-grant', grant, expiresAt: runAt.toISOString() };
      const _id = hashedId('expiry', account, grant, runAt.toISOString());
      return { _id, queue: 'setup', kind: 'account', cause: 'timer', payload: { account, command }, runAt };
    }
  }
}
