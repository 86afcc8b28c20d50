/**
 * What looks at an access. A look answers with what it has seen, in words that may be kept and shown; it never throws for
 * an endpoint that does not answer, because that is a finding of its own.
 */
import type { Finding, Grant, Probe } from '../../workflows/accounts/state.ts';
import type { Context } from '../machine/context.ts';

export interface Look {
  finding: Finding;
  /** At most 300 characters, without anything secret: what it was asked is not repeated. */
  says: string;
  /** How long the endpoint wants to be left alone, in ms. */
  wait?: number;
}

export interface Looking<Kind extends Probe['type']> {
  probe: Extract<Probe, { type: Kind }>;
  grant: Grant;
  ports: Pick<Context, 'outside' | 'dns' | 'business' | 'clock'>;
  signal: AbortSignal;
}

export type Connector<Kind extends Probe['type']> = (looking: Looking<Kind>) => Promise<Look>;
