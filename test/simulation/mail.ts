/**
 * One seeded run of the real notifications worker: its one mail is taken by several workers at a time, some of which die
 * or fall asleep at any call. As long as somebody may be sending it, nobody else does; afterwards it is not forgotten.
 */
import { pino } from 'pino';
import { system } from '../../kernel/actor.ts';
import { jobId } from '../../kernel/ids.ts';
import { seconds } from '../../kernel/time.ts';
import { openWork } from '../../kernel/work.ts';
import type { Models } from '../../models/open.ts';
import type { Context } from '../../workers/machine/context.ts';
import { perform } from '../../workers/machine/define.ts';
import { notificationsWorker } from '../../workers/notifications.ts';
import { gated } from './gated.ts';
import { createScheduler, type Fault, type Step, seeded } from './scheduler.ts';
import type { Run } from './simulate.ts';

const id = 'the-mail';
const who = { agency: 'north', account: 'acme' };
const recipient = { name: 'Ann', email: 'ann@client.example' };

/** Less than a sender's turn lasts. */
const mostAtOnce = seconds(25);

export async function simulateMail(models: Models, seed: number): Promise<Run> {
  await prepare(models);
  const random = seeded(seed);
  const scheduler = createScheduler(random);
  const { clock } = scheduler;
  let sent = 0;
  const mailer = {
    deliver: async () => {
      sent += 1;
      return { status: 'accepted' as const, response: '250 taken' };
    },
    close: () => undefined,
  };
  const context = (step: Step): Context => ({
    models: { ...models, work: gated(models.work, step), notifications: gated(models.notifications, step) },
    ...{ nudger: { isUp: () => false } as never, dns: undefined as never },
    ...{ clock, business: clock, log: pino({ level: 'silent' }), mailer: gated(mailer, step) },
    ...{ linkSecret: '', publicUrl: '' },
  });
  const payload = { template: 'setup-complete', order: 'order', recipient, data: {} };
  const draft = { _id: id, queue: 'notifications', kind: 'send', schema: 1, payload, order: 'order', ...who };
  await models.work.insert(openWork({ ...draft, actor: system, cause: 'worker' }, 'nudged', clock.now()));

  async function startWorker(): Promise<void> {
    const item = await models.work.get(id);
    if (item?.state !== 'open') return;
    const [attempts, moveToDelayed] = [5, async () => undefined];
    const job = { id: jobId('send', id, item.generation), name: 'send', data: { work: id }, attemptsMade: 0 };
    await scheduler.start('worker', (step) =>
      perform(notificationsWorker, { ...job, opts: { attempts }, moveToDelayed } as never, context(step)),
    );
  }

  async function run(turns: number, fault: Fault, mostToPass: number): Promise<void> {
    for (let turn = 0, passed = 0; turn < turns; turn += 1) {
      if (scheduler.alive() < 3) await startWorker();
      const ms = random() < 0.1 ? Math.floor(random() * 5_000) : 0;
      if (passed + ms <= mostToPass) {
        passed += ms;
        scheduler.pass(ms);
      }
      await scheduler.turn(fault);
    }
  }

  await run(40, { crash: 0.05, sleep: 0.05 }, mostAtOnce);
  const faults = sent > 1 ? [`duplicate: the mail went out ${sent} times while its sender had its turn`] : [];
  for (let round = 0; round < 5 && (await models.work.get(id))?.state === 'open'; round += 1) {
    scheduler.pass(seconds(31));
    const [item] = await models.work.claim(await readyOf(models, clock.now()), clock.now());
    await run(item ? 30 : 15, { crash: 0, sleep: 0 }, 0);
  }
  const { state, phase } = (await models.work.get(id)) ?? {};
  if (state !== 'done') faults.push(`stuck: the mail is ${state} (${phase})`);
  if (sent === 0) faults.push('lost: the mail never went out');
  return { seed, faults, trace: scheduler.trace, steps: scheduler.trace.length };
}

async function readyOf({ work }: Models, now: Date) {
  await work.wake(now);
  return work.readyAfter('notifications', '', 1);
}

async function prepare({ work, orders, notifications, agencies, accounts }: Models): Promise<void> {
  for (const { model } of [work, orders, notifications]) await model.collection.deleteMany({});
  await agencies.put({ _id: who.agency, name: 'North', from: { name: 'North', email: 'north@agency.example' } });
  const place = { timeZone: 'Europe/Berlin', country: 'DE' };
  await accounts.put({ _id: who.account, agency: who.agency, name: 'Acme', ...place, contact: recipient });
  const state = { product: 'seo', title: 'A site', stages: [] };
  await orders.model.collection.insertOne({ _id: 'order' as never, ...who, state });
}
