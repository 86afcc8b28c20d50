/** Faults of the database: killed, away, held still, and asked by many at once. */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import { answers, outage, scaled } from '../means.ts';
import type { Scenario } from '../scenario.ts';

const none = 'lost 0, duplicates 0, gaps 0';

export const killed: Scenario = {
  id: 'M1',
  fault: 'kill -9 of the database during writes, 20 times, each time started again',
  threshold: none,
  recoverWithin: 60,
  async run(world) {
    const { database, load } = world;
    const times = scaled(world, 20, 5);
    load.begin({ perSecond: 5 });
    for (let n = 0; n < times; n += 1) {
      await wait(2_500 + world.random() * 1_500);
      await database.kill();
      await database.start();
    }
    const endedAt = performance.now();
    await load.end(60_000);
    return { endedAt, note: `${times} kills` };
  },
};

export const away: Scenario = {
  id: 'M2',
  alone: true,
  fault: 'database down for 60 s under load',
  threshold: `${none}; 503 within 2 s, no 202, no attempt used up`,
  recoverWithin: 60,
  async run(world) {
    const { database, load } = world;
    const ms = scaled(world, 60_000, 15_000);
    const { from, to } = await outage(world, { begin: () => database.stop(), end: () => database.start(), ms });
    const endedAt = performance.now();
    await load.end(60_000);
    // What was under way when it went down is another matter: that may have been written.
    const { all, slowest, accepted, faults, silent } = answers(world, from + 500, to - 2_500);
    return {
      endedAt,
      note: `down for ${ms / 1_000} s; ${faults} of ${all} requests answered 5xx, the slowest after ${slowest} ms`,
      missed: [
        ...(accepted > 0 ? [`${accepted} requests were accepted meanwhile`] : []),
        ...(silent > 0 ? [`${silent} requests got no answer`] : []),
        ...(slowest > 2_000 ? [`the slowest answer took ${slowest} ms`] : []),
      ],
    };
  },
};

export const heldStill: Scenario = {
  id: 'M3',
  fault: 'SIGSTOP of the database for 15 s: whether a write happened is unknown',
  threshold: none,
  recoverWithin: 60,
  async run(world) {
    const { database, load } = world;
    await outage(world, { begin: database.pause, end: database.resume, ms: 15_000 });
    const endedAt = performance.now();
    await load.end(60_000);
    return { endedAt, note: 'held still for 15 s' };
  },
};

const racers = 20;

export const manyAtOnce: Scenario = {
  id: 'M4',
  fault: '2 dispatchers, and 20 commands at once for one order, on 5 orders',
  threshold: `${none}; one winner each`,
  recoverWithin: 45,
  wish: { dispatchers: 2 },
  async run(world) {
    const { load, models } = world;
    load.begin({ perSecond: 3, most: 20 });
    const orders: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { body } = await load.create({ product: 'listings' });
      orders.push((body as { order: { id: string } }).order.id);
    }
    await eventually(async () => (await Promise.all(orders.map((id) => models.orders.get(id)))).every(Boolean), {
      within: 60_000,
    });
    const body = { action: 'override', override: 'complete', stage: 'nap_confirmed', reason: 'All at once.' };
    const asked = orders.flatMap((order) => Array.from({ length: racers }, () => load.put(order, body)));
    const accepted = (await Promise.all(asked)).filter(({ status }) => status === 202).length;
    const endedAt = performance.now();
    await load.end(60_000);
    await eventually(
      async () =>
        (await models.work.model.collection.countDocuments({
          state: 'open',
          phase: { $ne: 'waiting' },
          order: { $in: orders },
        })) === 0,
      { within: 60_000 },
    );
    const winners = await models.work.model.collection
      .find({ order: { $in: orders }, state: 'done', 'payload.command.stage': 'nap_confirmed' })
      .toArray();
    return {
      endedAt,
      note: `${accepted} accepted, ${winners.length} carried out, the others refused`,
      missed: winners.length === orders.length ? [] : [`${winners.length} winners for ${orders.length} orders`],
    };
  },
};
