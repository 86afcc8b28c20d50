/** The demo as a person starts it, with every process killed on the way, beside one that nobody disturbs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseProcfile } from '../../scripts/servers/procfile.ts';
import type { Summary } from '../../scripts/trial/summary.ts';
import { notificationsWorker } from '../../workers/notifications.ts';
import { runDemo } from '../support/demo.ts';
import { root } from '../support/sources.ts';

/** They have every product and every story among them. */
const sixteen = ['--once', '--orders', '16'];

test('the demo gives the same orders and mails when every process is killed with -9, one after the other', async ({
  onTestFinished,
}) => {
  const undisturbed = runDemo({ args: sixteen, onTestFinished });
  const victims = await everyProcess();
  const left = [...victims];
  let mails = 0;
  const { summary, lines, folder } = await runDemo({
    ...{ args: sixteen, onTestFinished },
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
  expect(meaningOf(summary), story).toEqual(meaningOf((await undisturbed).summary));
  // Only what was under way when the mail worker or the database died, sent and not recorded, may have come twice.
  expect(summary.duplicates).toBeLessThanOrEqual(2 * notificationsWorker.concurrency);
  expect(await readdir(folder)).toEqual([]);
}, 600_000);

/** All that is the same in every run. */
function meaningOf({ seconds: _, duplicates, mails, ...same }: Summary) {
  return { ...same, mails: mails - duplicates };
}

/** The servers among the processes of the Procfile; a database that was given is not ours to kill. */
async function everyProcess(): Promise<string[]> {
  const entries = parseProcfile(await readFile(join(root, 'Procfile'), 'utf8'));
  const [first = '', ...others] = entries.map(({ name }) => name).filter((name) => name !== 'release');
  return [first, ...(process.env['MONGODB_URI'] ? [] : ['database']), ...others, 'redis'];
}
