/**
 * Looks at one access, and has the account told what was seen. The look changes nothing outside and may be repeated; the
 * word to the account has an id made of the account, the access and the look's number, so that it is told once.
 */
import { system } from '../../kernel/actor.ts';
import { Refusal } from '../../kernel/errors.ts';
import { hashedId } from '../../kernel/ids.ts';
import { openWork, type WorkDraft } from '../../kernel/work.ts';
import { nudgeIfPossible, phaseFor } from '../../queues/accept.ts';
import type { checks } from '../../queues/checks.ts';
import type { Payload } from '../../queues/contract.ts';
import { done, type Handler } from '../machine/define.ts';
import { lookAt } from './connectors.ts';

export const probeGrant: Handler<Payload<typeof checks, 'probe'>> = async (asked, item, context, signal) => {
  const { account: id, grant, seq } = asked;
  const { models, nudger, clock } = context;
  const is = (await models.accounts.get(id))?.grants[grant];
  if (is?.seq !== seq) throw new Refusal('superseded', `${grant} of ${id} is to be looked at anew.`);
  const look = await lookAt(is, { ports: context, signal });
  const command = { type: 'record-probe', grant, seq, ...look, says: look.says.slice(0, 300) };
  const { agency, account, requestId } = item;
  const draft: WorkDraft = {
    ...{ _id: hashedId('probed', id, grant, String(seq)), queue: 'setup', kind: 'account', schema: 1 },
    ...{ payload: { account: id, command }, actor: system, cause: 'worker', agency, account },
    ...(requestId && { requestId }),
  };
  const told = openWork(draft, await phaseFor(draft, { work: models.work, nudger }), clock.now());
  await models.work.insertMany([told]);
  await nudgeIfPossible(told, nudger);
  return done;
};
