/** The configuration and addresses as they may be shown to whoever looks over a shoulder. */
import type { Config } from './config.ts';

/** The configuration as it may be shown: of a secret only its length, of an address no login. */
export function maskedConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, masked(name, value)]));
}

function masked(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return /secret|password|token|key/i.test(name) ? `${value.length} characters` : maskedAddress(value);
}

/** By pattern: an address of several hosts is no URL to the platform. Parameters may hold passwords, too. */
export const maskedAddress = (address: string): string =>
  address.replace(/\/\/.*@/, '//***@').replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, '$1***');

/** What to do about a server that does not answer, without the login in its address. */
export function cureFor(variable: 'MONGODB_URI' | 'REDIS_URL', address: string): string {
  return `Start it, or correct ${variable} (${maskedAddress(address)}). Trying again until it answers.`;
}
