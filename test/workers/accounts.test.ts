/** Accounts on real stores: facts reach the orders that need them, whichever comes first and however often. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { days, hours, minutes } from '../../kernel/time.ts';
import { openWork, type WorkItem } from '../../kernel/work.ts';
import { checkAudit } from '../../scripts/audit-check.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import type { AccountCommand } from '../../workflows/accounts/commands.ts';
import { changesOf } from '../../workflows/engine/restored.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { stateOf } from '../../workflows/words/state.ts';
import { orderworks, waysThrough } from '../support/given.ts';
import { openWorkshop, account as profile, type Workshop } from '../support/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});

/** An account of its own, for each test. */
async function anAccount(): Promise<string> {
  const _id = `account_${newId()}`;
  await shop.context.models.accounts.put({ ...profile, _id });
  return _id;
}

const manager = { type: 'staff', id: 'manager', role: 'setup_manager' } as const;

async function tell(account: string, command: AccountCommand, reason = 'Because.'): Promise<WorkItem> {
  const actor = /^(record|expire)/.test(command.type) ? orderworks : manager;
  return shop.accept({ queue: 'setup', kind: 'account', payload: { account, command }, account, actor, reason });
}

async function ask(order: string, account: string, command: object, actor: object = manager): Promise<WorkItem> {
  const payload = { order, command };
  return shop.accept({ queue: 'setup', kind: 'command', order, account, payload, actor, reason: 'Because.' } as never);
}

async function anOrder(account: string, product: string, options = {}): Promise<string> {
  const order = newId();
  const client = { name: 'Cleo', email: 'cleo@example.com' };
  const sold = { product, tier: workflowFor(product).tiers[0], options, source: 'manual', title: 'An order', client };
  await ask(order, account, { type: 'create-order', ...sold });
  return order;
}

const dueOf = async (account: string): Promise<WorkItem[]> => {
  const { work } = shop.context.models;
  const due = { queue: { $in: ['setup', 'checks'] }, kind: { $ne: 'check' }, runAt: { $lte: shop.clock.now() } };
  const open = { account, state: 'open', ...due };
  return (await work.model.collection
    .find(open as never)
    .sort({ createdAt: 1 })
    .toArray()) as unknown as WorkItem[];
};

/** Delivers what is open, in an order that `pick` decides, until nothing is. */
async function quiet(account: string, pick: (count: number) => number = () => 0): Promise<void> {
  for (let items = await dueOf(account); items.length > 0; items = await dueOf(account)) {
    const item = items[pick(items.length)];
    if (item) expect(await shop.deliver(item._id)).toBe('settled');
  }
}

const stateNow = async (order: string) => (await shop.context.models.orders.get(order))!.state;
const accountNow = async (id: string) => (await shop.context.models.accounts.get(id))!;

/** Leaves a stage with its example, as staff would; what is looked at outside is another test's, and in order here. */
async function leave(order: string, account: string, stage: string): Promise<void> {
  const { product } = await stateNow(order);
  const data = exampleOf(workflowFor(product).stages.find(({ key }) => key === stage)!);
  if (stateOf(await stateNow(order), stage).gate === 'form') {
    const asked = { stage, round: 1, link: 'l', response: newId(), hash: '0'.repeat(64), answers: data };
    await ask(order, account, { type: 'submit-form', ...asked }, { type: 'client', id: 'l' });
    await quiet(account);
    await ask(order, account, { type: 'review-form', stage, decision: 'approve' });
  } else {
    await ask(order, account, { type: 'complete-stage', stage, data });
  }
  await quiet(account);
  if (!stateOf(await stateNow(order), stage).check?.isUnderway) return;
  for (const { command, actor } of waysThrough(await stateNow(order), stage)) await ask(order, account, command, actor);
  await quiet(account);
}

const attest: AccountCommand = { type: 'attest-grant', grant: 'google_ads', evidence: 'Seen in the account.' };
const revoke: AccountCommand = { type: 'revoke-grant', grant: 'google_ads' };
const launched: AccountCommand = { type: 'record-milestone', fact: 'site.launched', order: 'somewhere' };
const subscription = (status: 'active' | 'past_due'): AccountCommand => ({ type: 'set-subscription', status });

describe('an account', () => {
  test('keeps every change in its chained history, and personal data out of it', async () => {
    const account = await anAccount();
    await shop.context.models.accounts.put({ ...profile, _id: account, name: 'Another name' });
    await shop.context.models.accounts.put({ ...profile, _id: account, name: 'Another name' });
    await tell(account, attest);
    await quiet(account);
    const { history, version } = await accountNow(account);
    expect(history.map(({ action }) => action)).toEqual(['make-account', 'change-account', 'attest-grant']);
    expect(version).toBe(3);
    expect(JSON.stringify(history)).not.toMatch(/kaethe|Another name|Seen in/);
    const { faults, streams } = await checkAudit(shop.context.models);
    expect(faults).toEqual([]);
    expect(streams).toBeGreaterThan(0);
  });

  test('that was made by a script is put into the audit by the dispatcher', async () => {
    const account = await anAccount();
    expect((await accountNow(account)).exported).toBe(0);
    shop.clock.pass(minutes(10)); // The script had a clock of its own.
    await tick(newDispatcher('one'), shop.context);
    const { exported, outboxDueAt } = await accountNow(account);
    expect([exported, outboxDueAt]).toEqual([1, undefined]);
  });

  test('that is not there refuses what is asked of it', async () => {
    const { _id } = await tell('nobody', attest);
    await shop.deliver(_id);
    expect((await shop.context.models.work.get(_id))?.outcome).toMatchObject({ code: 'account_not_found' });
  });

  test('refuses once, however often it is asked, and leaves a line of it', async () => {
    const account = await anAccount();
    const { _id } = await tell(account, revoke);
    await shop.deliver(_id);
    await shop.reopen(_id);
    await shop.deliver(_id);
    expect((await accountNow(account)).history.map(({ outcome, code }) => code ?? outcome)).toEqual([
      'done',
      'grant_not_requested',
    ]);
  });
});

describe('a fact and the order that waits for it', () => {
  const waiting = async (account: string) => {
    const order = await anOrder(account, 'seo', { site: 'ordered' });
    await quiet(account);
    await leave(order, account, 'intake');
    return order;
  };

  test('meet when the order waits first', async () => {
    const account = await anAccount();
    const order = await waiting(account);
    await leave(order, account, 'access_granted');
    expect(stateOf(await stateNow(order), 'baseline_audit').waitingFor).toBe('fact');
    await tell(account, launched);
    await quiet(account);
    expect(stateOf(await stateNow(order), 'baseline_audit').status).toBe('ready');
  });

  test('meet when the fact is there first', async () => {
    const account = await anAccount();
    await tell(account, launched);
    await quiet(account);
    const order = await waiting(account);
    expect((await stateNow(order)).facts?.['site.launched']).toMatchObject({ holds: true, seq: 1 });
    await leave(order, account, 'access_granted');
    expect(stateOf(await stateNow(order), 'baseline_audit').status).toBe('ready');
  });

  test('meet when the fact has looked for orders just before this one was made', async () => {
    const account = await anAccount();
    const order = await anOrder(account, 'seo', { site: 'ordered' });
    const [creating] = await dueOf(account);
    const { _id } = await tell(account, launched);
    await shop.deliver(_id);
    for (const { _id: fanout } of (await dueOf(account)).filter(({ kind }) => kind === 'spread')) {
      await shop.deliver(fanout);
    }
    await shop.deliver(creating!._id);
    await quiet(account);
    expect((await stateNow(order)).facts?.['site.launched']?.holds).toBe(true);
  });

  test('meet when one order launches the site that another waits for', async () => {
    const account = await anAccount();
    const order = await waiting(account);
    await leave(order, account, 'access_granted');
    const ads = await anOrder(account, 'google_ads');
    await quiet(account);
    for (const stage of ['intake', 'access_granted', 'tracking_installed']) await leave(ads, account, stage);
    const { facts } = await accountNow(account);
    expect(facts['tracking.installed']).toMatchObject({ holds: true, seq: 1 });
    expect(facts['site.launched']).toBeUndefined();
    await tell(account, launched);
    await quiet(account);
    expect(stateOf(await stateNow(order), 'baseline_audit').status).toBe('ready');
  });
});

describe('an account that moves', () => {
  test('takes its open orders along, to hours and holidays there; one with a calendar of its own stays', async () => {
    const account = await anAccount();
    const order = await anOrder(account, 'listings');
    const byHand = newId();
    const sold = { product: 'listings', tier: 'basic', options: {}, source: 'manual', title: 'By hand' };
    const client = { name: 'Cleo', email: 'cleo@example.com' };
    await ask(byHand, account, { type: 'create-order', ...sold, client, calendar: 'us-west' });
    await quiet(account);
    const before = await stateNow(order);
    expect(before.calendar).toBe('DE@Europe/Berlin');
    const move = (place: Partial<typeof profile>) =>
      shop.context.models.accounts.put({ ...profile, _id: account, ...place });
    await move({ timeZone: 'Asia/Kolkata', country: 'IN' });
    await tick(newDispatcher('one'), shop.context);
    shop.clock.pass(minutes(1));
    await tick(newDispatcher('one'), shop.context);
    await quiet(account);
    const after = await stateNow(order);
    expect(after.calendar).toBe('IN@Asia/Kolkata');
    expect(after.slaDueAt).not.toEqual(before.slaDueAt);
    expect((await stateNow(byHand)).calendar).toBe('us-west');
    const { events } = (await shop.context.models.orders.get(order))!.history.at(-1)!;
    expect(events).toContainEqual(expect.objectContaining({ type: 'calendar-set', to: 'IN@Asia/Kolkata' }));
  });
});

describe('an access that staff have seen for one order', () => {
  const grants = ['google_ads', 'analytics'] as const;

  test('is recorded at the account, with its history and audit, and is there for every other order', async () => {
    const account = await anAccount();
    const [one, other] = [await anOrder(account, 'google_ads'), await anOrder(account, 'google_ads')];
    await quiet(account);
    for (const order of [one, other]) await leave(order, account, 'intake');
    await leave(one, account, 'access_granted');
    const evidence = 'Accounts page, seen in the manager account';
    for (const grant of grants) {
      expect((await accountNow(account)).grants[grant]).toMatchObject({
        ...{ status: 'active', attestation: { by: manager.id, evidence } },
      });
    }
    const { history } = await accountNow(account);
    expect(history.filter(({ action }) => action === 'attest-grant')).toMatchObject([
      { actor: manager, outcome: 'done' },
      { actor: manager, outcome: 'done' },
    ]);
    expect((await checkAudit(shop.context.models)).faults).toEqual([]);
    expect(stateOf(await stateNow(other), 'access_granted')).toMatchObject({ status: 'done', doer: orderworks.id });
    expect((await stateNow(other)).stage).toBe('tracking_installed');
    const third = await anOrder(account, 'google_ads');
    await quiet(account);
    await leave(third, account, 'intake');
    expect((await stateNow(third)).stage).toBe('tracking_installed');
  });

  test('is not recorded over what the account has said meanwhile', async () => {
    const account = await anAccount();
    const order = await anOrder(account, 'google_ads');
    await quiet(account);
    await leave(order, account, 'intake');
    const data = exampleOf(workflowFor('google_ads').stages.find(({ key }) => key === 'access_granted')!);
    const { _id } = await ask(order, account, { type: 'complete-stage', stage: 'access_granted', data });
    await shop.deliver(_id);
    for (const command of [attest, revoke]) await shop.deliver((await tell(account, command))._id);
    await quiet(account);
    expect((await accountNow(account)).grants).toMatchObject({
      ...{ google_ads: { status: 'revoked' }, analytics: { status: 'active' } },
    });
    expect(stateOf(await stateNow(order), 'tracking_installed')).toMatchObject({ waitingFor: 'fact' });
  });

  test('is heard by an order that was cancelled meanwhile, once that is undone', async () => {
    const account = await anAccount();
    const order = await anOrder(account, 'google_ads');
    await quiet(account);
    await leave(order, account, 'intake');
    const before = await stateNow(order);
    await ask(order, account, { type: 'cancel' });
    await quiet(account);
    for (const grant of grants) await tell(account, { type: 'attest-grant', grant, evidence: 'Seen in the account.' });
    await quiet(account);
    const fields = changesOf(before, await stateNow(order));
    await ask(order, account, { type: 'restore-values', operation: 'blk_1', fields });
    await quiet(account);
    expect(await stateNow(order)).toMatchObject({ status: 'setup', stage: 'tracking_installed' });
  });
});

describe('a grant that is lost', () => {
  test('blocks each order that depends on it once, and gives each back as it was', async () => {
    const account = await anAccount();
    const orders = [await anOrder(account, 'google_ads'), await anOrder(account, 'google_ads')];
    const other = await anOrder(account, 'listings');
    await quiet(account);
    for (const order of orders) for (const stage of ['intake', 'access_granted']) await leave(order, account, stage);
    await ask(orders[0]!, account, { type: 'begin-stage', stage: 'tracking_installed' });
    await tell(account, attest);
    await quiet(account);
    const before = await Promise.all(orders.map(stateNow));
    await tell(account, revoke);
    await quiet(account);
    for (const order of orders) {
      const lost = await stateNow(order);
      expect(stateOf(lost, 'tracking_installed')).toMatchObject({ status: 'waiting', waitingFor: 'fact' });
      expect(explain(lost, shop.clock.now(), await accountNow(account)).blocker).toContain('Google Ads is revoked');
      const { history } = (await shop.context.models.orders.get(order))!;
      const blocked = history.flatMap(({ events }) => events).filter(({ type }) => type === 'stage-blocked');
      expect(blocked).toHaveLength(1);
    }
    expect((await stateNow(other)).facts?.['grant.google_ads']).toBeUndefined();
    await tell(account, attest);
    await quiet(account);
    const back = await Promise.all(orders.map(stateNow));
    const shape = ({ stages }: (typeof back)[number]) => stages.map(({ key, status, holder }) => [key, status, holder]);
    expect(back.map(shape)).toEqual(before.map(shape));
  });

  test('that was attested until a day expires on it by itself', async () => {
    const account = await anAccount();
    const expiresAt = new Date(shop.clock.now().getTime() + days(2)).toISOString();
    await tell(account, { ...attest, expiresAt });
    await quiet(account);
    shop.clock.pass(days(2) + hours(1));
    await quiet(account);
    const { grants, facts } = await accountNow(account);
    expect(grants.google_ads?.status).toBe('expired');
    expect(facts['grant.google_ads']).toMatchObject({ holds: false, seq: 2 });
  });
});

describe('a subscription', () => {
  test('that is past due pauses every order with its clock, and resumes it when it is paid', async () => {
    const account = await anAccount();
    const order = await anOrder(account, 'google_ads');
    await quiet(account);
    for (const stage of ['intake', 'access_granted']) await leave(order, account, stage);
    const before = await stateNow(order);
    expect(before.slaDueAt).toBeInstanceOf(Date);
    await tell(account, subscription('past_due'));
    await quiet(account);
    expect(await stateNow(order)).toMatchObject({ status: 'paused', pausedBy: 'subscription', slaDueAt: null });
    const late = await anOrder(account, 'google_ads');
    await quiet(account);
    expect((await stateNow(late)).status).toBe('paused');
    shop.clock.pass(days(10));
    await tell(account, subscription('active'));
    await quiet(account);
    const after = await stateNow(order);
    expect(after).toMatchObject({ status: before.status, stage: before.stage });
    expect(after.slaDueAt!.getTime()).toBeGreaterThan(before.slaDueAt!.getTime());
  });
});

describe('the fan-out', () => {
  test('reaches 1,200 orders in chunks, each once, though every item is delivered twice', {
    timeout: 120_000,
  }, async () => {
    const account = await anAccount();
    const template = await anOrder(account, 'google_ads');
    await quiet(account);
    const { orders, work } = shop.context.models;
    const first = (await orders.get(template))!;
    const copies = Array.from({ length: 1_199 }, (_, n) => ({ ...first, _id: `${account}_${n}`, outbox: [] }));
    await orders.model.collection.insertMany(copies as never);
    await tell(account, attest);
    for (let fanouts = await nextOnes(account); fanouts.length > 0; fanouts = await nextOnes(account)) {
      for (const { _id } of fanouts) {
        await shop.deliver(_id);
        await shop.reopen(_id);
        await shop.deliver(_id);
      }
    }
    const told = await work.model.collection.find({ account, 'payload.command.type': 'record-fact' }).toArray();
    expect(new Set(told.map(({ order }) => order)).size).toBe(1_200);
    expect(told).toHaveLength(1_200);
    expect(await work.model.collection.countDocuments({ account, kind: 'spread' })).toBe(3);
  });

  const nextOnes = async (account: string) => (await dueOf(account)).filter(({ kind }) => kind !== 'command');

  test('of an older number does nothing once there is a newer', async () => {
    const account = await anAccount();
    await anOrder(account, 'google_ads');
    await quiet(account);
    for (const command of [attest, revoke]) await shop.deliver((await tell(account, command))._id);
    const fanouts = (await dueOf(account)).filter(({ kind }) => kind === 'spread');
    const [older] = fanouts.sort((one, other) => Number(one.payload['seq']) - Number(other.payload['seq']));
    await shop.deliver(older!._id);
    expect((await shop.context.models.work.get(older!._id))?.state).toBe('superseded');
  });
});

describe('in whatever order things are delivered, and however often', () => {
  const commands: AccountCommand[] = [attest, revoke, subscription('past_due'), subscription('active'), launched];

  test('every order knows what its account knows in the end', { timeout: 240_000 }, async () => {
    const walk = fc.array(fc.oneof(fc.nat(commands.length - 1), fc.constant('order' as const)), {
      ...{ minLength: 2, maxLength: 8 },
    });
    const choices = fc.infiniteStream(fc.nat(1_000));
    await fc.assert(
      fc.asyncProperty(walk, choices, async (steps, stream) => {
        const account = await anAccount();
        const orders: string[] = [];
        for (const step of steps) {
          if (step === 'order') orders.push(await anOrder(account, 'seo', { site: 'ordered' }));
          else await tell(account, commands[step]!);
          // Some of what is open is delivered before the next thing is asked, and some of it twice.
          for (let turn = (stream.next().value ?? 0) % 3; turn > 0; turn -= 1) {
            const items = await dueOf(account);
            const item = items[(stream.next().value ?? 0) % Math.max(1, items.length)];
            if (!item) break;
            await shop.deliver(item._id);
            if ((stream.next().value ?? 0) % 3 === 0) {
              await shop.reopen(item._id);
              await shop.deliver(item._id);
            }
          }
        }
        await quiet(account, (count) => (stream.next().value ?? 0) % count);
        const { facts } = await accountNow(account);
        for (const order of orders) {
          const { facts: known = {}, product } = await stateNow(order);
          expect(product).toBe('seo');
          for (const fact of ['site.launched', 'subscription.active']) {
            expect(known[fact]?.seq, fact).toBe(facts[fact]?.seq);
            expect(known[fact]?.holds, fact).toBe(facts[fact]?.holds);
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});

test('an item of an unknown order or account settles, and stays settled', async () => {
  const { models, clock } = shop.context;
  for (const [kind, payload] of [
    ['recheck', { order: 'nowhere' }],
    ['spread', { account: 'nobody', fact: 'site.launched', seq: 1 }],
  ] as const) {
    const who = { actor: orderworks, cause: 'worker' as const, agency: 'nordlicht', account: 'nobody' };
    const item = openWork({ _id: newId(), queue: 'setup', kind, schema: 1, payload, ...who }, 'ready', clock.now());
    await models.work.insert(item);
    expect(await shop.deliver(item._id)).toBe('settled');
  }
});
