import { describe, expect, test } from 'vitest';
import { isAlive, runDemo } from '../support/demo.ts';

/** An SEO, a Google Ads and a listings order: the first three of examples/orders.csv. */
const three = ['--once', '--orders', '3'];

describe('the demo', () => {
  test('brings an order of each product live through real processes, pages and mails', async () => {
    const { code, summary, lines } = await runDemo({ args: three });
    expect(summary, lines.join('\n')).toMatchObject({ orders: 3, live: 3, waiting: 0, duplicates: 0 });
    expect(summary.mails).toBeGreaterThan(3);
    expect(code).toBe(0);
  });

  test('leaves nothing behind when it is interrupted half-way', async () => {
    const { pids, leftBehind } = await runDemo({
      args: three,
      onLine: (line, run) => line.startsWith('mail') && run.interrupt(),
    });
    expect(pids.length).toBeGreaterThan(5);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(leftBehind).toEqual([]);
  });
});

describe('killing one process with -9 in the middle', () => {
  test.each(['api', 'dispatcher', 'setup', 'onboarding', 'notifications', 'redis', 'database'])(
    'gives the same orders and mails: %s',
    async (name) => {
      let killed = 0;
      const { summary, lines, pids } = await runDemo({
        args: three,
        onLine: (line, run) => {
          if (killed === 0 && line.startsWith('mail')) {
            killed = run.pid(name);
            process.kill(killed, 'SIGKILL');
          }
        },
      });
      const story = lines.join('\n');
      expect(story).toMatch(new RegExp(`ended\\s+${name}\\s+SIGKILL`));
      expect(pids).toContain(killed);
      expect(summary, story).toMatchObject({ orders: 3, live: 3, waiting: 0 });
      // Only a mail worker that died between sending and recording may have sent one mail twice.
      expect(summary.duplicates).toBeLessThanOrEqual(name === 'notifications' ? 1 : 0);
      expect(summary.mails - summary.duplicates, story).toBe(mailsOfThree);
    },
  );
});

const mailsOfThree = 7;
