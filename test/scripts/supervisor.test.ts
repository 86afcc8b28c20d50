import { describe, expect, onTestFinished, test } from 'vitest';
import { type ProcessSpec, type Supervisor, supervise } from '../../scripts/servers/supervisor.ts';
import { eventually } from '../support/eventually.ts';

const sleeper: ProcessSpec = { name: 'sleeper', command: ['node', '-e', 'setInterval(() => {}, 1000)'] };

describe('a supervised process', () => {
  test('is started again after kill -9, under a new pid', async () => {
    const supervisor = supervised([sleeper]);
    const first = await eventually(() => supervisor.pid('sleeper'));
    process.kill(first, 'SIGKILL');
    const second = await eventually(() => supervisor.pid('sleeper') !== first && supervisor.pid('sleeper'));
    expect(second).not.toBe(first);
  });

  test('ends when the supervisor stops, and is not started again', async () => {
    const deaths: string[] = [];
    const supervisor = supervise([sleeper], { onDeath: (name) => deaths.push(name) });
    const pid = await eventually(() => supervisor.pid('sleeper'));
    await supervisor.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(deaths).toEqual([]);
  });

  test('waits longer each time when it dies at once', async () => {
    const moments: number[] = [];
    const broken = { name: 'broken', command: ['false'] };
    const note = () => moments.push(performance.now());
    supervised([broken], { onStart: note, onDeath: note });
    await eventually(() => moments.length >= 7);
    const [, died = 0, second = 0, diedAgain = 0, third = 0, diedThird = 0, fourth = 0] = moments;
    const waits = [second - died, third - diedAgain, fourth - diedThird];
    // A timer may be a millisecond early, and as late as the machine is busy.
    expect(waits.map((wait, n) => wait > 2 ** n * 400 - 5)).toEqual([true, true, true]);
  });

  test('is given up after so many deaths at once, with its last lines', async () => {
    const given: [string, string[]][] = [];
    const broken = { name: 'broken', command: ['node', '-e', 'console.error("no such file"); process.exit(3)'] };
    const starts: number[] = [];
    supervised([broken], {
      mostQuickDeaths: 2,
      onStart: (_, pid) => starts.push(pid),
      onGiveUp: (name, lines) => given.push([name, lines]),
    });
    await eventually(() => given.length > 0);
    expect(given).toEqual([['broken', ['no such file']]]);
    expect(starts).toHaveLength(2);
  });

  test('that cannot be started is told, and takes nothing else down', async () => {
    const deaths: string[] = [];
    const missing = { name: 'missing', command: ['/nowhere/at-all'] };
    const supervisor = supervised([missing, sleeper], { onDeath: (name, how) => deaths.push(`${name}: ${how}`) });
    await eventually(() => deaths.length > 0);
    expect(deaths[0]).toMatch(/^missing: .*ENOENT/);
    expect(supervisor.pid('sleeper')).toBeGreaterThan(0);
  });

  test('is heard line by line', async () => {
    const lines: string[] = [];
    const speaker = { name: 'speaker', command: ['node', '-e', 'console.log("out"); console.error("err")'] };
    supervised([speaker], { onLine: (name, line) => lines.push(`${name}: ${line}`) });
    await eventually(() => lines.includes('speaker: out') && lines.includes('speaker: err'));
  });
});

function supervised(...parameters: Parameters<typeof supervise>): Supervisor {
  const supervisor = supervise(...parameters);
  onTestFinished(() => supervisor.stop());
  return supervisor;
}
