/** Whether an item may be nudged at once: asked of the items, but hardly anybody waits for the answer. */
import { describe, expect, test, vi } from 'vitest';
import { roomKeeper, window } from '../../models/room.ts';

/** A queue of which the test says what is in it, and when it answers. */
function aQueue() {
  const none: string[] = [];
  const queue = { at: 0, nudged: new Map<string, number>(), ready: none, asked: 0, held: Promise.resolve() };
  const counting = {
    async nudged() {
      queue.asked += 1;
      const counts = new Map(queue.nudged);
      await queue.held;
      return counts;
    },
    isWaiting: async (_: string, account?: string) =>
      queue.ready.some((one) => account === undefined || one === account),
  };
  const hasRoom = roomKeeper(counting, () => queue.at);
  return { queue, ask: (account = 'acme') => hasRoom('setup', account) };
}

describe('an item has room', () => {
  test('until its account has a window full, whatever others have', async () => {
    const { queue, ask } = aQueue();
    queue.nudged.set('acme', window.account).set('other', 1);
    expect([await ask('acme'), await ask('other'), await ask('new')]).toEqual([false, true, true]);
  });

  test('until the whole queue has a window full', async () => {
    const { queue, ask } = aQueue();
    for (let n = 0; n < 10; n += 1) queue.nudged.set(`account ${n}`, window.queue / 10);
    expect(await ask()).toBe(false);
  });

  test('unless something of its account waits its turn', async () => {
    const { queue, ask } = aQueue();
    queue.ready = ['acme'];
    expect([await ask('acme'), await ask('other')]).toEqual([false, true]);
  });

  test('and a burst is granted one window, however fast it comes', async () => {
    const { ask } = aQueue();
    const answers = await Promise.all(Array.from({ length: 3 * window.account }, () => ask()));
    expect(answers.filter(Boolean)).toHaveLength(window.account);
  });
});

describe('counts that are old', () => {
  test('are good for a moment, while they are made anew behind the back of whoever asks', async () => {
    const { queue, ask } = aQueue();
    await ask();
    queue.at += 500;
    let answer = () => {};
    queue.held = new Promise((resolve) => {
      answer = resolve;
    });
    expect([await ask(), queue.asked]).toEqual([true, 2]);
    answer();
  });

  test('are of no use after a while', async () => {
    const { queue, ask } = aQueue();
    await ask();
    queue.nudged.set('acme', window.account);
    queue.at += 5_000;
    expect(await ask()).toBe(false);
  });

  test('leave no gap for a burst that comes while they are made anew', async () => {
    const { queue, ask } = aQueue();
    await ask();
    queue.at += 500;
    queue.nudged.set('marker', window.account);
    let answer = () => {};
    queue.held = new Promise((resolve) => {
      answer = resolve;
    });
    const during = await Promise.all(Array.from({ length: 2 * window.account }, () => ask()));
    expect(during.filter(Boolean)).toHaveLength(window.account - 1);
    answer();
    await vi.waitFor(async () => expect(await ask('marker')).toBe(false)); // The new counts are in use.
    const after = await Promise.all(Array.from({ length: window.account }, () => ask()));
    expect(after.filter(Boolean)).toHaveLength(1);
  });

  test('are kept while new ones cannot be had, which nobody is told', async () => {
    const { queue, ask } = aQueue();
    await ask();
    queue.at += 500;
    queue.held = Promise.reject(new Error('away'));
    expect([await ask(), await ask()]).toEqual([true, true]);
    await vi.waitFor(async () => expect([await ask(), queue.asked > 2]).toEqual([true, true]));
  });

  test('are asked for again after an outage, of which whoever waited is told', async () => {
    const { queue, ask } = aQueue();
    queue.held = Promise.reject(new Error('away'));
    await expect(ask()).rejects.toThrow('away');
    queue.held = Promise.resolve();
    expect(await ask()).toBe(true);
  });
});
