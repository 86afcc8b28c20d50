/** A port as a flag: a whole number that a server can listen on. */
import { InvalidArgumentError } from 'commander';

export function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('Use a port from 0 to 65535.');
}
