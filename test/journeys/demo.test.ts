import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readExamples } from '../../scripts/trial/examples.ts';
import { isAlive, runDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { root } from '../support/sources.ts';

/** An order of each of three products, and nine that are enough to go on while eight processes die. */
const three = ['--once', '--orders', '3'];
const nine = ['--once', '--orders', '9'];

describe('the demo', () => {
  test('brings an order of each product live through real processes, pages and mails', async () => {
    const { code, summary, lines } = await runDemo({ args: three });
    expect(summary, lines.join('\n')).toMatchObject({ orders: 3, live: 3, waiting: 0, duplicates: 0 });
    expect(summary.mails).toBe(await mailsOf(3));
    expect(code).toBe(0);
  });

  test('leaves nothing behind when it is interrupted half-way, twice', async () => {
    const { pids, folder } = await runDemo({
      args: three,
      onLine: (line, run) => line.startsWith('mail') && run.interrupt('SIGINT'),
    });
    expect(pids.length).toBeGreaterThan(5);
    await eventually(async () => !pids.some(isAlive) && (await readdir(folder)).length === 0);
  });

  test('leaves nothing behind when it is itself killed with -9', async () => {
    const { pids, folder } = await runDemo({
      args: three,
      onLine: (line, run) => line.startsWith('mail') && run.interrupt('SIGKILL'),
    });
    await eventually(async () => !pids.some(isAlive) && (await readdir(folder)).length === 0);
  });

  test('gives the same orders and mails when every process is killed with -9, one after the other', async () => {
    const victims = ['api', 'setup', 'database', 'onboarding', 'redis', 'dispatcher', 'fulfillment', 'notifications'];
    const left = [...victims];
    let mails = 0;
    const { summary, lines, folder } = await runDemo({
      args: nine,
      onLine: (line, run) => {
        if (!line.startsWith('mail')) return;
        mails += 1;
        const victim = mails % 2 === 0 ? left.shift() : undefined;
        if (victim) process.kill(run.pid(victim), 'SIGKILL');
      },
    });
    const story = lines.join('\n');
    const died = victims.filter((name) => new RegExp(`^ended +${name} +SIGKILL`, 'm').test(story));
    expect(died, story).toEqual(victims);
    expect(summary, story).toMatchObject({ orders: 9, live: 9, waiting: 0 });
    expect(summary.mails - summary.duplicates, story).toBe(await mailsOf(9));
    // Only the mail worker, dying between sending and recording, may have sent one mail twice.
    expect(summary.duplicates).toBeLessThanOrEqual(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

/** A form, an approval and the good news for each order; a listings order has only the last. */
async function mailsOf(count: number): Promise<number> {
  const { orders } = await readExamples(root);
  return orders.slice(0, count).reduce((sum, { product }) => sum + (product === 'listings' ? 1 : 3), 0);
}
