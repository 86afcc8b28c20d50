/**
 * Looks at one access, and has the account told what was seen. The look changes nothing outside and may be repeated; the
 * word to the account has an id made of the account, the access and the look's number, so that it is told once.
 */
import { clip } from '../../kernel/clip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { openWork } from '../../kernel/work.ts';
import { nudgeIfPossible, phaseFor } from '../../queues/accept.ts';
import type { checks } from '../../queues/checks.ts';
import type { Payload } from '../../queues/contract.ts';
import { from } from '../../queues/from.ts';
import { setup } from '../../queues/setup.ts';
import { hostsAt, inShare } from '../checks/places.ts';
import { done, type Handler } from '../machine/define.ts';
import { lookAt } from './connectors.ts';

export const probeGrant: Handler<Payload<typeof checks, 'look'>> = async (asked, item, context, signal) => {
  const { account: id, grant, seq } = asked;
  const { models, nudger, clock } = context;
  const is = (await models.accounts.get(id))?.grants[grant];
  if (is?.seq !== seq) throw new Refusal('superseded', `${grant} of ${id} is to be looked at anew.`);
  const hosts = is.probe.type === 'http' ? hostsAt(is.probe.url) : [];
  const claim = { process: nudger, account: item.account, agency: item.agency, hosts };
  const look = await inShare(claim, () => lookAt(is, { ports: context, signal }));
  const command = { type: 'record-probe' as const, grant, seq, ...look, says: clip(look.says, 300) };
  const { agency, account, requestId } = item;
  const own = {
    ...from({ agency, account, ...(requestId && { requestId }) }),
    _id: hashedId('probed', id, grant, String(seq)),
  };
  const draft = setup.draft('account', { account: id, command }, own);
  const told = openWork(draft, await phaseFor(draft, { work: models.work, nudger }), clock.now());
  await models.work.insertMany([told]);
  await nudgeIfPossible(told, nudger);
  return done;
};
