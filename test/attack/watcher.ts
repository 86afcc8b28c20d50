/**
 * A process of its own that asks all along, so that whoever attacks cannot slow its watch: every process whether it lives,
 * and as another tenant for orders and for a new one. Each answer is one line of JSON on stdout. It ends with its stdin.
 *
 *   node --import tsx test/attack/watcher.ts '{"live": [{"name", "url"}], "others": {"url", "key", "account"}}'
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

/** One answer: of whom, when it was asked (ms since 1970), how long it took, and its status; 0 when there was none. */
export interface Seen {
  of: string;
  at: number;
  ms: number;
  status: number;
}

export interface Watched {
  live: { name: string; url: string }[];
  others: { url: string; key: string; account: string };
}

const every = 200;
const patience = 30_000;

async function ask(of: string, url: string, init: RequestInit = {}): Promise<void> {
  const [at, begun] = [performance.timeOrigin + performance.now(), performance.now()];
  const status = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => 0,
  );
  const seen: Seen = { of, at, ms: performance.now() - begun, status };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

/** One after the other: what stands keeps its one question waiting. */
async function keepAsking(of: string, url: string): Promise<never> {
  for (;;) {
    await ask(of, `${url}/health/live`);
    await wait(every);
  }
}

/** At a steady pace, whether or not the ones before were answered: who waits is counted. */
async function beAnotherTenant({ url, key, account }: Watched['others']): Promise<never> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const client = { name: 'Cleo Client', email: 'cleo@clients.example' };
  for (let n = 0; ; n += 1) {
    void ask('read', `${url}/v1/admin/orders?limit=5`, { headers });
    const body = JSON.stringify({ account, product: 'site', tier: 'basic', title: `Another’s ${n}`, client });
    const keyed = { ...headers, 'idempotency-key': randomUUID(), prefer: 'wait=20' };
    if (n % 2 === 0) void ask('order', `${url}/v1/admin/orders`, { method: 'POST', headers: keyed, body });
    await wait(every);
  }
}

const { live, others } = JSON.parse(process.argv[2] ?? '') as Watched;
process.stdin.resume().on('end', () => process.exit(0));
for (const { name, url } of live) void keepAsking(name, url);
void beAnotherTenant(others);
