/** Every way to look at an access, by the kind of its probe. */
import type { Grant } from '../../workflows/accounts/state.ts';
import { lookAtAttestation } from './attestation.ts';
import type { Look, Looking } from './connector.ts';
import { lookInDns } from './dns.ts';
import { lookOverHttp } from './http.ts';

export function lookAt(grant: Grant, around: Pick<Looking<'http'>, 'ports' | 'signal'>): Promise<Look> {
  const { probe } = grant;
  switch (probe.type) {
    case 'http':
      return lookOverHttp({ ...around, grant, probe });
    case 'dns':
      return lookInDns({ ...around, grant, probe });
    case 'attestation':
      return lookAtAttestation({ ...around, grant, probe });
  }
}
