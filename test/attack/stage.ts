/** What every attack is given: the whole system in a world of its own, hostile sites, and requests that are counted. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../kernel/time.ts';
import { hostileSites } from '../chaos/scenarios/tenants.ts';
import { openWorld, type World } from '../chaos/world.ts';
import { type HostileSite, startHostileSite } from './hostile-site.ts';
import { type RudeMail, startRudeMail } from './rude-mail.ts';

interface Asked {
  method?: string;
  path: string;
  /** Sent as it is when it is text, else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Without the key of the house. */
  anonymous?: boolean;
}

interface Answered {
  status: number;
  text: string;
}

/** What was sent since the last count, and what was answered that should not have been. */
interface Tally {
  requests: number;
  faults: string[];
}

export interface Stage {
  world: World;
  random: () => number;
  /** 1, or less in the short form: the share of what is sent. */
  share: number;
  site: HostileSite;
  mail: RudeMail;
  /** A status of 0 says that the line was cut. */
  ask(asked: Asked): Promise<Answered>;
  /** What was sent by other means than `ask`. */
  count(requests: number, faults?: string[]): void;
  tally(): Tally;
  close(): Promise<void>;
}

/** Fewer than one key may ask in a minute. */
const mostOfKey = 1_000;
const patience = 30_000;

export async function openStage({ seed, share }: { seed: number; share: number }): Promise<Stage> {
  const site = await startHostileSite();
  let mail: (RudeMail & { port: number }) | undefined;
  const world = await openWorld({
    ...{ seed, health: true, env: { OUTSIDE_STANDIN: site.origin }, vendors: ['good'] },
    origins: async () => [site.origin, ...((await hostileSites.wish?.origins?.()) ?? [])],
    async smtpPort(direct) {
      mail = await startRudeMail(direct);
      return mail.port;
    },
  });
  if (!mail) throw new Error('The mail server was not asked for.');
  const { close } = mail;
  return {
    ...{ world, site, mail, share, random: world.random },
    ...asking(world),
    async close() {
      await world.close();
      site.close();
      close();
    },
  };
}

function asking({ apiUrl, models }: World) {
  let tally: Tally = { requests: 0, faults: [] };
  let [left, key] = [0, ''];

  async function aKey(): Promise<string> {
    if (left === 0) {
      left = mostOfKey;
      const house = { name: 'attack', type: 'staff', role: 'order_admin' } as const;
      key = (await models.apiKeys.issue(house, systemClock.now())).key;
    }
    left -= 1;
    return key;
  }

  const usual = async (anonymous: boolean): Promise<Record<string, string>> => ({
    ...{ 'content-type': 'application/json', 'if-match': '*', 'idempotency-key': randomUUID() },
    ...(!anonymous && { authorization: `Bearer ${await aKey()}` }),
  });

  return {
    count(requests: number, faults: string[] = []) {
      tally.requests += requests;
      tally.faults.push(...faults);
    },
    tally() {
      const was = tally;
      tally = { requests: 0, faults: [] };
      return was;
    },
    async ask({ method = 'GET', path, body, headers, anonymous = false }: Asked): Promise<Answered> {
      tally.requests += 1;
      const given = { ...(await usual(anonymous)), ...headers };
      const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
      if (sent === undefined) delete given['content-type'];
      const options = { method, headers: given, redirect: 'manual', signal: AbortSignal.timeout(patience) } as const;
      const answer = await fetch(`${apiUrl}${path}`, { ...options, ...(sent !== undefined && { body: sent }) }).then(
        async (is) => ({ status: is.status, text: await is.text() }),
        (error: Error) => ({
          status: 0,
          text: `${error.message} ${(error.cause as Error | undefined)?.message ?? ''}`,
        }),
      );
      if (answer.status >= 500)
        tally.faults.push(`${method} ${path.slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 200)}`);
      if (answer.text.startsWith('The operation was aborted'))
        tally.faults.push(`${method} ${path.slice(0, 80)}: no answer`);
      return answer;
    },
  };
}
