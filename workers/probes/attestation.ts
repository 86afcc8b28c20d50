/** Nobody can be asked, so what staff have attested counts until its end. It is looked at ahead of that end. */
import type { Connector } from './connector.ts';

export const lookAtAttestation: Connector<'attestation'> = async ({ grant, ports: { business } }) => {
  const { attestation, expiresAt } = grant;
  if (!attestation) return { finding: 'missing', says: 'No staff member has attested it yet.' };
  if (!expiresAt) return { finding: 'granted', says: 'It is attested without an end date.' };
  const end = expiresAt.toISOString().slice(0, 10);
  if (expiresAt <= business.now()) return { finding: 'missing', says: `The attestation ended on ${end}.` };
  return { finding: 'granted', says: `The attestation ends on ${end}. Attest it again before then.` };
};
