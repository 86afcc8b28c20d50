/** Until when the certificate of a host is valid. */
import type { LookupFunction } from 'node:net';
import { connect } from 'node:tls';
import { settleWithin } from '../kernel/deadline.ts';
import { BadCertificate, meaningOf } from './no-answer.ts';

export interface Handshake {
  lookup: LookupFunction | undefined;
  ca: string | undefined;
  /** For the handshake as a whole, in ms. */
  wait: number;
  signal: AbortSignal | undefined;
}

/** Throws BadCertificate, NoAnswer or the AddressRefused of the lookup. */
export async function certificateOf({ hostname, port }: URL, handshake: Handshake): Promise<Date> {
  const { lookup, ca, wait, signal } = handshake;
  const at = { host: hostname, servername: hostname, port: Number(port || 443) };
  const socket = connect({ ...at, ...(lookup && { lookup }), ...(ca !== undefined && { ca }) });
  const shaken = new Promise<Date>((resolve, reject) => {
    socket.once('secureConnect', () => resolve(new Date(socket.getPeerCertificate().valid_to)));
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('The connection ended without a certificate.')));
  });
  try {
    const until = await settleWithin(wait, () => shaken, signal);
    if (Number.isNaN(until.getTime())) throw new BadCertificate('NO_END');
    return until;
  } catch (error) {
    throw meaningOf(error as Error, false);
  } finally {
    shaken.catch(() => undefined);
    socket.destroy();
  }
}
