/** Looks for the record that the client was asked to put into the zone: one text, or the name that a name stands for. */
import { NoDnsAnswer } from '../../runtime/dns.ts';
import type { Connector } from './connector.ts';

export const lookInDns: Connector<'dns'> = async ({ probe: { record, host, value }, ports: { dns } }) => {
  try {
    const found = record === 'TXT' ? await dns.resolveTxt(host) : await dns.resolveCname(host);
    if (found.includes(value)) return { finding: 'granted', says: `The ${record} record is there.` };
    const others = found.length === 0 ? 'there is none' : 'there are others';
    return { finding: 'missing', says: `The ${record} record is not there; ${others}.` };
  } catch (error) {
    if (error instanceof NoDnsAnswer) return { finding: 'unreachable', says: error.message };
    throw error;
  }
};
