/**
 * One JSON line per event on stdout; at a terminal, the same as text for people. Only the fields named here get in, whatever a call hands over: what is not written
 * cannot leak. Requests log no URL. The ids of request, order and work item lead from one process to the next.
 */
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

const allowed = new Set([
  ...['requestId', 'work', 'order', 'job', 'queue', 'kind', 'outcome', 'code', 'attempt', 'tries', 'delay', 'cause'],
  ...['method', 'route', 'status', 'ms', 'key', 'port', 'signal', 'reason', 'aggregate', 'line', 'hash'],
  ...['found', 'expected', 'error', 'stack', 'vendor', 'dispatch', 'count', 'name', 'process', 'pid'],
]);

export function createLog(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    ...{ name, level, base: { process: name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    formatters: { log: onlyAllowed, bindings: onlyAllowed },
  };
  const log: Logger = pino(options, destination ?? standardOutput());
  // A child's own fields pass by the formatters.
  const makeChild = log.child;
  log.child = function child(this: Logger, fields: Record<string, unknown>, ...more: never[]) {
    return makeChild.call(this, onlyAllowed(fields), ...more);
  } as typeof log.child;
  return log;
}

function standardOutput(): DestinationStream {
  if (!isatty(1)) return pino.destination(1);
  return pretty({ sync: true, ignore: 'hostname,process,pid', messageFormat: '{process}: {msg}', hideObject: false });
}

function onlyAllowed(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => allowed.has(name)));
}
