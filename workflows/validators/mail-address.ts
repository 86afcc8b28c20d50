/**
 * Mail addresses, with any letters on both sides of the at sign (RFC 6531), kept as they were typed. What is taken is
 * what the mail library sends to unchanged: a name of words and dots or in quotes, at a host name of the public network.
 */
import { z } from 'zod';
import { parseUrl } from '../../kernel/urls.ts';

const longest = 254;
const longestName = 64;
/** RFC 5322 atoms and RFC 6531's letters; a space or a control character is in neither. */
const atom = "[\\p{L}\\p{M}\\p{N}\\p{S}!#$%&'*+/=?^_`{|}~-]+";
const dotted = new RegExp(`^${atom}(?:\\.${atom})*$`, 'u');
const quoted = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])+"$/u;
const host = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

export const mailAddress = z
  .string()
  .trim()
  .max(longest, `Enter an email address of at most ${longest} characters.`)
  .refine(isMailAddress, 'Enter an email address such as ann@example.com.')
  .meta({ format: 'idn-email' });

function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [name, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || name.length > longestName || !(dotted.test(name) || quoted.test(name))) return false;
  // What would end a host in an address on the web must not be cut off unseen.
  return !/[\s/\\?#@:%[\]<>]/.test(domain) && host.test(parseUrl(`http://${domain}`)?.hostname ?? '');
}
