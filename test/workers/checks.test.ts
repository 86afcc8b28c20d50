import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { days, hours, minutes } from '../../kernel/time.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { HttpGuard } from '../../runtime/http-guard.ts';
import type { Fault, SimulatedSites } from '../../scripts/simulators/sites.ts';
import type { Context } from '../../workers/machine/context.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { explain } from '../../workflows/telling/explain.ts';
import { type StageState, stateOf } from '../../workflows/words/state.ts';
import { anOrder, doer, orderworks, walk } from '../support/given.ts';
import { carryOn, putOrder, theSites } from '../support/sites.ts';
import { openWorkshop, type Workshop } from '../support/workshop.ts';

const article = 'https://example.com/blog/healthy-teeth';
const placement = 'https://healthmagazine.org/teeth';
const landing = 'https://example.com/offer';

let shop: Workshop;
let sites: SimulatedSites;
let ports: Pick<Context, 'dns'> & { outside: HttpGuard };

beforeAll(async () => {
  shop = await openWorkshop();
  ({ sites, ports } = await theSites());
});
beforeEach(() => {
  for (const url of [article, placement, landing]) sites.fault(url);
  sites.visited.length = 0;
});

describe('a stage that the system leaves by itself', () => {
  test('is done once every look holds, with what was found', async () => {
    const order = await publishing();
    expect(await stageOf(order, 'live')).toMatchObject({
      status: 'done',
      doer: 'orderworks',
      data: { pages: [{ url: article, status: 200, indexable: true, in_sitemap: true }] },
    });
    expect((await orderOf(order)).status).toBe('live');
    expect(sites.visited.filter((url) => url === article)).toHaveLength(1);
  });

  test.each<[Fault, string]>([
    ['gone', 'the answer is 404'],
    ['broken', 'the answer is 500'],
    ['noindex', 'the page says noindex'],
    ['unlisted', 'it does not list the page'],
  ])('stops for a person when a page is %s, and says what was expected and found', async (fault, found) => {
    sites.fault(article, fault);
    const order = await publishing();
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'failed', holder: 'fulfillment' });
    const why = explain(await orderOf(order), shop.clock.now());
    expect(why.blocker).toContain(`Expected: ${fault === 'unlisted' ? `the sitemap of ${article}` : article}`);
    expect(why.blocker).toContain(`Found: ${found}`);
    expect(why.next).toEqual({
      what: 'The system checks "Live" again.',
      at: new Date(shop.clock.now().getTime() + minutes(5)),
    });
  });

  test('goes on by itself when what was wrong has been put right', async () => {
    sites.fault(article, 'noindex');
    const order = await publishing();
    const [timer] = await waitingOf(order, 'timer');
    expect(timer).toMatchObject({ cause: 'timer', payload: { command: { type: 'recheck-stage', stage: 'live' } } });
    sites.fault(article);
    shop.clock.pass(minutes(6));
    await carryOn(shop, order, ports);
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'done', check: { attempt: 2, tries: 1 } });
  });

  test('leaves a site alone for as long as it says', async () => {
    sites.fault(article, 'busy');
    const order = await publishing();
    const { againAt } = (await stageOf(order, 'live')).check ?? {};
    expect(Math.round(((againAt?.getTime() ?? 0) - shop.clock.now().getTime()) / minutes(1))).toBe(120);
  });

  test('is never done by silence: it is looked at five times more, and is a person’s then', async () => {
    sites.fault(article, 'silent');
    const order = await publishing();
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'waiting', holder: 'system', waitingFor: 'check' });
    for (let tries = 0; tries < 5; tries += 1) {
      shop.clock.pass(days(3));
      await carryOn(shop, order, ports);
    }
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'failed', check: { attempt: 6 } });
    expect((await waitingOf(order, 'timer')).filter(isLookAgain)).toEqual([]);
  });

  test('is looked at again when staff ask for it, once', async () => {
    sites.fault(article, 'gone');
    const order = await publishing();
    sites.fault(article);
    await command(order, { type: 'recheck-stage', stage: 'live' });
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'done' });
    const refused = await command(order, { type: 'recheck-stage', stage: 'live' });
    expect(refused).toMatchObject({ state: 'refused', outcome: { code: 'stage_finished' } });
  });
});

describe('a stage that somebody records', () => {
  test('is done in their name when what they say has been seen', async () => {
    const order = await recording('google_ads', 'tracking_installed');
    expect(await stageOf(order, 'tracking_installed')).toMatchObject({ status: 'done', doer: doer.id });
  });

  test('stops when the tag that they name is not in the page, and takes a new record', async () => {
    sites.fault(landing, 'bare');
    const order = await recording('google_ads', 'tracking_installed');
    expect(await stageOf(order, 'tracking_installed')).toMatchObject({
      status: 'failed',
      note: `Expected: ${landing} carries the tag GTM-ABC1234. Found: the tag is not in the page.`,
    });
    sites.fault(landing);
    await command(order, {
      type: 'complete-stage',
      stage: 'tracking_installed',
      data: example('google_ads', 'tracking_installed'),
    });
    expect(await stageOf(order, 'tracking_installed')).toMatchObject({ status: 'done', doer: doer.id });
  });

  test.each([
    ['seo', 'tracking_verified'],
    ['seo', 'live'],
    ['site', 'launched'],
    ['social_posting', 'live'],
    ['gbp', 'live'],
    ['facebook_ads', 'pixel_installed'],
    ['tiktok_ads', 'pixel_installed'],
  ])('of %s, %s, is seen at the sites of the examples', async (product, stage) => {
    expect(await stageOf(await recording(product, stage), stage)).toMatchObject({ status: 'done' });
  });
});

describe('a placed link', () => {
  test('is verified with its rel, and looked at again after 7, 30 and 90 days', async () => {
    const order = await verifying();
    expect(await stageOf(order, 'link_verified')).toMatchObject({
      status: 'done',
      data: { links: [{ page: placement, status: 200, indexable: true, anchor_found: true, rel: '' }] },
    });
    for (const [held, day] of [7, 30, 90].entries()) {
      expect((await waitingOf(order, 'timer')).filter(isLookAgain)).toHaveLength(1);
      await passUntil(order, day);
      expect(await stageOf(order, 'link_verified')).toMatchObject({ status: 'done', check: { held: held + 1 } });
    }
    expect((await waitingOf(order, 'timer')).filter(isLookAgain)).toEqual([]);
  });

  test('that is missing once is looked at again six hours later; still missing, it goes back, with the reason', async () => {
    const order = await verifying();
    sites.fault(placement, 'bare');
    await passUntil(order, 7);
    expect(await stageOf(order, 'link_verified')).toMatchObject({
      status: 'done',
      check: { missedAt: expect.any(Date) },
    });
    expect((await waitingOf(order, 'timer')).filter(isLookAgain)).toHaveLength(1);
    shop.clock.pass(hours(6) + minutes(1));
    await carryOn(shop, order, ports);
    expect(await stageOf(order, 'placed')).toMatchObject({
      ...{ status: 'waiting', round: 2 },
      note: `Expected: ${placement} links to ${landing} as "a calm clinic". Found: there is no such link.`,
    });
    expect(await stageOf(order, 'link_verified')).toMatchObject({ status: 'locked', round: 2 });
  });

  test('that nobody can look at stays, and is looked at later', async () => {
    const order = await verifying();
    sites.fault(placement, 'silent');
    await passUntil(order, 7);
    expect(await stageOf(order, 'link_verified')).toMatchObject({
      status: 'done',
      check: { againAt: expect.any(Date) },
    });
    sites.fault(placement);
    shop.clock.pass(minutes(6));
    await carryOn(shop, order, ports);
    expect(await stageOf(order, 'link_verified')).toMatchObject({ status: 'done', check: { held: 1 } });
  });
});

describe('a check', () => {
  test('that is delivered twice looks once, and changes the order once', async () => {
    const order = await publishing();
    const [item] = await itemsOf(order, 'check');
    const { version } = (await shop.context.models.orders.get(order)) ?? {};
    const visited = sites.visited.length;
    await shop.reopen(item?._id ?? '');
    await shop.deliver(item?._id ?? '', ports);
    await carryOn(shop, order, ports);
    expect((await shop.context.models.orders.get(order))?.version).toBe(version);
    expect(sites.visited).toHaveLength(visited);
  });

  test('of a stage that goes by another name by now is superseded', async () => {
    const item = await ask(await atLive(), 'published');
    await shop.deliver(item._id, ports);
    expect(await shop.context.models.work.get(item._id)).toMatchObject({ state: 'superseded' });
  });

  test('that two workers run at once is believed once, though they find different things', async () => {
    const order = await atLive();
    const item = await ask(order, 'live');
    const other: HttpGuard = {
      ...ports.outside,
      async page(...asked) {
        if (sites.visited.length === 0) {
          await shop.deliver(item._id, ports);
          await shop.reopen(item._id);
          sites.fault(article, 'gone');
        }
        return ports.outside.page(...asked);
      },
    };
    expect(await shop.deliver(item._id, { ...ports, outside: other })).toBe('settled');
    await carryOn(shop, order, ports);
    expect(await stageOf(order, 'live')).toMatchObject({ status: 'done' });
  });

  test('whose answer came while its stage was blocked is made again when the stage goes on', async () => {
    const order = await putOrder(shop, walk(anOrder('google_ads'), 'tracking_installed'));
    const fact = { type: 'record-fact', fact: 'grant.analytics' };
    const losing: HttpGuard = {
      ...ports.outside,
      async page(...asked) {
        if (sites.visited.length === 0) await deliverOnly(order, { ...fact, holds: false, seq: 1 });
        return ports.outside.page(...asked);
      },
    };
    const data = example('google_ads', 'tracking_installed');
    await command(order, { type: 'complete-stage', stage: 'tracking_installed', data }, doer, { outside: losing });
    expect(await stageOf(order, 'tracking_installed')).toMatchObject({ waitingFor: 'fact', check: { attempt: 1 } });
    await command(order, { ...fact, holds: true, seq: 2 }, orderworks);
    expect(await stageOf(order, 'tracking_installed')).toMatchObject({ status: 'done', check: { attempt: 1 } });
  });

  test('of an order that has moved on looks at nothing', async () => {
    const order = await atLive();
    await command(order, { type: 'cancel' });
    const item = await ask(order, 'live');
    await shop.deliver(item._id, ports);
    expect(sites.visited).toEqual([]);
    expect(await shop.context.models.work.get(item._id)).toMatchObject({ state: 'superseded' });
    const late = { type: 'record-check', stage: 'live', round: 1, attempt: 7, results: [] };
    expect(await command(order, late, { type: 'system', id: 'orderworks' })).toMatchObject({ state: 'superseded' });
  });
});

const example = (product: string, key: string) => {
  const stage = workflowFor(product).stages.find((candidate) => candidate.key === key);
  if (!stage) throw new Error(`No stage ${key}.`);
  return exampleOf(stage);
};

/** An order whose article has just been published. */
async function publishing(): Promise<string> {
  const order = await putOrder(shop, walk(anOrder('content'), 'publish'));
  await command(order, { type: 'complete-stage', stage: 'publish', data: example('content', 'publish') });
  return order;
}

/** An order that is to be looked at, while nobody has been sent. */
const atLive = () => putOrder(shop, walk(anOrder('content'), 'live'));

function ask(order: string, stage: string): Promise<WorkItem> {
  const payload = { order, stage, round: 1, attempt: 1 };
  return shop.accept({ queue: 'checks', kind: 'check', order, payload, runAt: shop.clock.now() });
}

async function recording(product: string, stage: string): Promise<string> {
  const order = await putOrder(shop, walk(anOrder(product), stage));
  await command(order, { type: 'complete-stage', stage, data: example(product, stage) });
  return order;
}

async function verifying(): Promise<string> {
  const order = await putOrder(shop, walk(anOrder('backlinks'), 'placed'));
  await command(order, { type: 'complete-stage', stage: 'placed', data: example('backlinks', 'placed') });
  return order;
}

/** So many days after the links were verified. */
async function passUntil(order: string, day: number): Promise<void> {
  const since = (await stageOf(order, 'link_verified')).since?.getTime() ?? 0;
  shop.clock.pass(since + days(day) + minutes(1) - shop.clock.now().getTime());
  await carryOn(shop, order, ports);
}

async function command(
  order: string,
  asked: object,
  actor: Actor = { ...doer, role: 'order_admin' },
  with_: Partial<Context> = {},
) {
  const _id = await acceptCommand(order, asked, actor);
  await carryOn(shop, order, { ...ports, ...with_ });
  return shop.context.models.work.get(_id);
}

/** As the system's, and nothing that follows from it. */
async function deliverOnly(order: string, asked: object): Promise<void> {
  await shop.deliver(await acceptCommand(order, asked, orderworks), ports);
}

async function acceptCommand(order: string, asked: object, actor: Actor): Promise<string> {
  const draft = {
    queue: 'setup',
    kind: 'command',
    order,
    payload: { order, command: asked },
    reason: 'The test says so.',
  };
  return (await shop.accept({ ...draft, actor, runAt: shop.clock.now() }))._id;
}

const isLookAgain = ({ _id }: WorkItem): boolean => _id.includes('-look-');

async function itemsOf(order: string, kind: string): Promise<WorkItem[]> {
  return (await shop.context.models.work.ofOrder(order, 1_000)).reverse().filter((item) => item.kind === kind);
}

const waitingOf = async (order: string, kind: string): Promise<WorkItem[]> =>
  (await itemsOf(order, kind)).filter(({ state, _id }) => state === 'open' && !_id.includes('-sla-'));

async function orderOf(order: string) {
  const found = await shop.context.models.orders.get(order);
  if (!found) throw new Error(`No order ${order}.`);
  return found.state;
}

const stageOf = async (order: string, key: string): Promise<StageState> => stateOf(await orderOf(order), key);
