import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DemoRun, isAlive, runDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { examplesIn } from '../support/examples.ts';
import { root } from '../support/sources.ts';

/** Three orders that are soon there, and nineteen that have every product and every story among them. */
const three = ['--once', '--orders', '3'];
const nineteen = ['--once', '--orders', '19'];

/** For what takes a second, where the machine has much to do. */
const patience = { within: 30_000 };

/** Side by side, the longest first: each has servers and a folder of its own, and waits more than it works. */
describe.concurrent('the demo', () => {
  test('brings each product live through real processes, pages and mails, with every story on its way', async ({
    onTestFinished,
  }) => {
    const { code, summary, lines } = await runDemo({ args: nineteen, onTestFinished });
    const all = { orders: 19, live: 19, waiting: 0, duplicates: 0, products: 12 };
    const stories = {
      ...{ backEdges: 2, expiredApprovals: 1, reminders: 4, overrides: 1 },
      ...{ revokedGrants: 1, blockedStages: 2, prerequisites: 2, subscriptionPauses: 1 },
      ...{ pauses: 1, correctedAddresses: 2, refusedMails: 1, deadLinks: 1, slaBreaches: 2 },
    };
    expect(summary, lines.join('\n')).toMatchObject({ ...all, ...stories, businessDays: 9, mails: 63 });
    expect(code).toBe(0);
  });

  test('leaves nothing behind when it is interrupted half-way, twice', async ({ onTestFinished }) => {
    const { pids, folder } = await runDemo({
      ...{ args: three, onTestFinished },
      onLine(line, run) {
        if (!line.startsWith('mail')) return;
        expect(() => run.pid('nobody')).toThrow('no process nobody');
        run.interrupt('SIGINT');
      },
    });
    expect(pids.length).toBeGreaterThan(5);
    await eventually(async () => !pids.some(isAlive) && (await readdir(folder)).length === 0, patience);
  });

  test('offers what the README says, all of which answers, and leaves nothing behind when killed with -9', async ({
    onTestFinished,
  }) => {
    const said: string[] = [];
    const { pids, folder } = await runDemo({
      ...{ args: ['--orders', '3'], onTestFinished },
      async onLine(line, run) {
        if (said.length > 0 || line.startsWith('Everything keeps running')) said.push(line);
        if (!line.startsWith('  Logs')) return;
        await useOffer(said.join('\n'), run);
        run.interrupt('SIGKILL');
      },
    });
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const promised = [...readme.matchAll(/^(\d)\. \*\*(.+?)\.?\*\*/gm)].map(([, n, name]) => `${n}. ${name}`);
    const offered = said.flatMap((line) => /^ {2}(\d\. .+?):/.exec(line)?.[1] ?? []);
    expect(offered).toHaveLength(5);
    expect(offered).toEqual(promised.map((name) => name.replaceAll('`', '')));
    await eventually(async () => !pids.some(isAlive) && (await readdir(folder)).length === 0, patience);
  });
});

/** Clicks on, calls or kills each of the five things. */
async function useOffer(said: string, run: DemoRun): Promise<void> {
  const urls = said.match(/http:\/\/\S+/g) ?? [];
  const key = /^ {2}Key +(\S+)$/m.exec(said)?.[1] ?? '';
  const url = (end: string) => urls.find((address) => address.endsWith(end)) ?? '';
  const get = async (address: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(address, { headers });
    expect(answer.status, address).toBe(200);
    return answer.text();
  };

  expect(await get(urls[0] ?? '')).toContain('Mailbox (');
  expect(await get(new URL('/0', urls[0]).href)).toContain('<iframe');
  expect(await get(url('/docs'))).toContain('swagger');

  const body = new URLSearchParams({ key });
  const signedIn = await fetch(new URL('/admin/sign-in', url('/docs')), { method: 'POST', body, redirect: 'manual' });
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/admin/queues']);
  const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
  expect(await get(url('/admin/queues'), { cookie })).toContain('Orderworks');

  const authorization = `Bearer ${key}`;
  expect(JSON.parse(await get(url('/timeline'), { authorization }))).toHaveProperty('data.0');
  expect(JSON.parse(await get(url('/setup-progress'), { authorization }))).toHaveProperty('stages.0');

  await sendExamples(url('/docs').replace('/docs', ''), {
    key,
    client: /Riverside Dental\s+(\S+)/.exec(said)?.[1] ?? '',
  });

  const [, pid = ''] = /\bsetup (\d+)/.exec(said) ?? [];
  expect(Number(pid)).toBe(run.pid('setup'));
  process.kill(Number(pid), 'SIGKILL');
  await eventually(() => run.pid('setup') !== Number(pid), patience);
}

/** Each example of the reference page, as somebody would who presses "Execute" on one after the other. */
async function sendExamples(origin: string, keys: { key: string; client: string }): Promise<void> {
  const document = (await (await fetch(`${origin}/docs/json`)).json()) as object;
  const wrong: string[] = [];
  for (const { name, method, url, headers, body, successes, refused, ...is } of examplesIn(document)) {
    if (is.signed) continue;
    const authorization = `Bearer ${is.asClient ? keys.client : keys.key}`;
    const sent = { ...headers, prefer: 'wait=10', ...(!is.open && { authorization }) };
    const { status, text } = await eventually(async () => {
      const answer = await fetch(`${origin}${url}`, { method, headers: sent, ...(body !== undefined && { body }) });
      const said = { status: answer.status, text: await answer.text() };
      // What was started a moment ago is still running, and a person would wait for it.
      if (said.text.includes('"operation_running"')) throw new Error(said.text);
      return said;
    }, patience);
    const isRight = refused === undefined ? successes.includes(String(status)) : text.includes(`"${refused}"`);
    if (!isRight) wrong.push(`${name}: ${status} ${text.slice(0, 300)}`);
  }
  expect(wrong).toEqual([]);
}
