/** One JSON line per event on stdout. Only fields that are named here or at the call get in; requests log no URL. */
import { type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export function createLog(name: string, level: string): Logger {
  return pino({ name, level, base: { process: name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });
}
