/** From here on the system acts by itself: whom and what a draft comes from when a worker makes it. */
import { system } from '../kernel/actor.ts';
import type { EffectDraft } from '../kernel/work.ts';

type About = Pick<EffectDraft, 'agency' | 'account' | 'order' | 'requestId'>;

/** Of an item, an order or a record: for whom, about which order, and the request that began it. */
export function from<A extends About>({ agency, account, order, requestId }: A) {
  return {
    ...{ actor: system, cause: 'worker' as const, agency, account },
    ...(order !== undefined && { order }),
    ...(requestId !== undefined && { requestId }),
  };
}
