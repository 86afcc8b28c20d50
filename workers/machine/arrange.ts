/**
 * Fairness among commands that others put into Redis: where many wait, each account and each sender gets its share of every
 * turn. Whose command it is counts only under a good signature; whatever nobody signed shares one lane, so that nobody's
 * turn comes later for what others say in their name.
 */
import { intake, isSignedBy, type SignedCommand } from '../../queues/intake.ts';
import type { Lane, Turns } from '../../queues/turns.ts';
import type { WaitingJob } from '../../queues/waiting-outside.ts';
import { requireSound } from '../../workflows/words/sound.ts';
import type { Context } from './context.ts';

/** A list as short as this is served before anybody would notice. */
const short = 50;
const most = 500;
const pages = 4;

/** Resolves to true when anything was put in turn. */
export async function arrange(turns: Turns, context: Context): Promise<boolean> {
  const { nudger } = context;
  for (let page = 0; page < pages; page += 1) {
    const served = await nudger.currentTurn(intake.name);
    // While turns are being served, whoever comes gets one, too: nobody overtakes their own commands.
    const crowd = await nudger.crowd(intake.name, { short: served > 0 ? 0 : short, most });
    if (crowd.length === 0) return page > 0;
    const lanes = await lanesOf(crowd, context);
    const current = Math.max(1, served);
    turns.forget(served === 0 ? Number.POSITIVE_INFINITY : current);
    const turnOf = crowd.map(({ job }, at) => [job, turns.next(lanes[at] ?? nobody, current)] as const);
    await nudger.putInTurns(intake.name, new Map(turnOf));
  }
  return true;
}

const nobody: Lane = { sender: '', account: '' };

type Claimed = Pick<SignedCommand, 'key' | 'signature' | 'account' | 'order'>;

async function lanesOf(crowd: WaitingJob[], { models, clock }: Context): Promise<Lane[]> {
  const claims = crowd.map(({ said }) => claimIn(said));
  const given = claims.filter((claim) => claim !== undefined);
  const [keys, accounts] = await Promise.all([
    models.apiKeys.many([...new Set(given.map(({ key }) => key))], clock.now()),
    models.lookups.accountsOf([...new Set(given.flatMap(({ order }) => order ?? []))]),
  ]);
  return claims.map((claim) => {
    const key = claim && keys.get(claim.key);
    if (!key || !isSignedBy(claim as SignedCommand, key.hash)) return nobody;
    return { sender: key._id, account: claim.account ?? accounts.get(claim.order ?? '') ?? '' };
  });
}

/** What a job says of whose it is; undefined when it can be nobody's. Whether it is a command is judged when it is taken. */
function claimIn(said: string | undefined): Claimed | undefined {
  try {
    const data = JSON.parse(said ?? '');
    requireSound(data, '', { values: 5_000, characters: 65_536 });
    const { key, signature, account = '', order = '' } = data;
    return [key, signature, account, order].every((text) => typeof text === 'string') ? data : undefined;
  } catch {
    return undefined;
  }
}
