/** What every handler is given. All calls to the outside go through these ports, so that a test can stand between. */
import type { Clock } from '../../kernel/time.ts';
import type { Mailer } from '../../mail/send.ts';
import type { Models } from '../../models/open.ts';
import type { Nudger } from '../../queues/nudger.ts';
import type { Dns } from '../../runtime/dns.ts';
import type { HttpGuard } from '../../runtime/http-guard.ts';
import type { Log } from '../../runtime/log.ts';

export interface Context {
  models: Models;
  nudger: Nudger;
  /** Leases, signatures and TTLs. */
  clock: Clock;
  /** When things are due and happened, for people: the same clock, unless a demo lets its days pass faster. */
  business: Clock;
  log: Log;
  mailer: Mailer;
  /** Calls to vendors; absent: to the public internet alone. */
  outside?: HttpGuard;
  /** The domain name system. */
  dns: Dns;
  /** Key of the tokens in links. */
  linkSecret: string;
  /** Where clients reach our pages; no slash at its end. */
  publicUrl: string;
}
