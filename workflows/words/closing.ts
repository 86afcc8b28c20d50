/** How an order was closed, and until when that is undone: for as long as a bulk operation is, and by the same rule. */
import { after, days } from '../../kernel/time.ts';
import { type Closing, isClosed, type OrderState } from './state.ts';

export const undoLife = days(7);

export const closings = ['complete-order', 'cancel', 'clear'] as const satisfies readonly Closing['how'][];

/** The last of them; absent where the order is open, or was closed before closings were noted. */
export const lastClosing = (state: OrderState): Closing | undefined =>
  isClosed(state) ? state.closings?.at(-1) : undefined;

export const undoUntil = ({ at }: Closing): Date => after(at, undoLife);

/** Whether the client has been told that the order is cancelled. Clearing an order tells nobody. */
export function isToldCancelled(state: OrderState): boolean {
  if (state.closings) return lastClosing(state)?.how === 'cancel';
  return state.status === 'cancelled' && !state.clearedAt;
}
