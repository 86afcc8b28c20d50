/**
 * The one fail point that drivers' tests, and tests of what a lost database does, use: `failCommand` makes the next
 * commands of given names fail, close their connection, or report a write concern error.
 */
import { type Doc, isPlain } from './codec.ts';
import { CommandError, unsupported } from './errors.ts';

export interface FailPoint {
  left: number;
  data: Doc;
}

export class ConnectionCut extends Error {}

export function configureFailPoint(current: { failPoint?: FailPoint | undefined }, command: Doc): Doc {
  const { configureFailPoint: name, mode, data } = command;
  if (name !== 'failCommand') throw unsupported(`The fail point ${String(name)}`, 72);
  if (mode === 'off') current.failPoint = undefined;
  else {
    const left = isPlain(mode) && typeof mode['times'] === 'number' ? mode['times'] : Number.POSITIVE_INFINITY;
    current.failPoint = { left, data: isPlain(data) ? data : {} };
  }
  return { ok: 1 };
}

/** Fails the command if it is to fail, or gives what its reply must carry. */
export function meetFailPoint(current: { failPoint?: FailPoint | undefined }, name: string): Doc {
  const point = current.failPoint;
  if (!point || point.left <= 0 || !(point.data['failCommands'] as string[] | undefined)?.includes(name)) return {};
  point.left--;
  const { closeConnection, errorCode, errorLabels, writeConcernError } = point.data;
  if (closeConnection) throw new ConnectionCut('A fail point cuts the connection.');
  if (typeof errorCode === 'number') {
    const labels = errorLabels ? { errorLabels } : {};
    throw new CommandError(errorCode, "Failing command via 'failCommand' failpoint", labels);
  }
  return writeConcernError ? { writeConcernError } : {};
}
