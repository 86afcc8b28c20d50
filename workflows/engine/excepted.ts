/** How an exception stands after it was asked for, granted, refused or revoked. */
import type { Happening, OrderEvent } from '../words/events.ts';
import type { Exception } from '../words/exceptions.ts';
import type { OrderState, StageState } from '../words/state.ts';

type ExceptionEvent = Extract<
  OrderEvent,
  { type: 'exception-requested' | 'exception-granted' | 'exception-refused' | 'exception-revoked' }
>;

/** Of a past that is told by its history alone, the words are not known. */
const wordless: Exception = { looks: [], reason: '', evidence: '', requestedBy: '', requestedAt: new Date(0) };

export function excepted(state: OrderState, event: ExceptionEvent, beside: Happening & { at: Date }): OrderState {
  const stages = state.stages.map((stage) => (stage.key === event.stage ? withException(stage, event, beside) : stage));
  const granted = event.type === 'exception-granted' ? { exceptions: (state.exceptions ?? 0) + 1 } : {};
  return { ...state, stages, ...granted };
}

function withException(
  { exception, ...rest }: StageState,
  event: ExceptionEvent,
  { exception: asked, note, at }: Happening & { at: Date },
): StageState {
  switch (event.type) {
    case 'exception-requested':
      return { ...rest, exception: asked ?? { ...wordless, requestedBy: event.by, requestedAt: at } };
    case 'exception-granted':
      return { ...rest, exception: { ...wordless, ...exception, grantedBy: event.by, grantedAt: at } };
    case 'exception-refused':
    case 'exception-revoked':
      return { ...rest, note };
  }
}
