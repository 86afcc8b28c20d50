import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, days, hours, systemClock } from '../../kernel/time.ts';
import { businessClock, moveBusinessClock } from '../../runtime/business-clock.ts';
import { readConfig } from '../../runtime/config.ts';
import { movableClock, openWorkshop } from '../support/workshop.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderworks-clock-'));
  file = join(folder, 'business-clock');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => writeFile(file, '0'));

/** What happens to the two clocks: the owner moves business time, the file goes or is spoilt, real time passes or is put back. */
const happening = fc.oneof(
  fc.record({ type: fc.constant('move' as const), ms: fc.integer({ min: -days(30), max: days(30) }) }),
  fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: -hours(2), max: hours(2) }) }),
  fc.record({ type: fc.constant('spoil' as const), text: fc.constantFrom('', 'soon', '-5', '1e999') }),
  fc.record({ type: fc.constant('lose' as const) }),
);

const later = (clock: Clock, ms: number): Date => new Date(clock.now().getTime() + ms);

describe('business time', () => {
  test('is real time where no file moves it', () => {
    expect(businessClock(undefined, systemClock)).toBe(systemClock);
  });

  test('never goes backwards for anybody, whatever becomes of the file and of the real clock', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
        await writeFile(file, '0');
        const real = movableClock();
        const readers = [businessClock(file, real), businessClock(file, real)];
        const told = readers.map((reader) => reader.now().getTime());
        for (const one of happenings) {
          if (one.type === 'move') moveBusinessClock(file, real, later(readers[0]!, one.ms));
          if (one.type === 'pass') real.pass(one.ms);
          if (one.type === 'spoil') await writeFile(file, one.text);
          if (one.type === 'lose') await rm(file, { force: true });
          for (const [index, reader] of readers.entries()) {
            const now = reader.now().getTime();
            expect(now).toBeGreaterThanOrEqual(told[index]!);
            expect(now).toBeGreaterThanOrEqual(real.now().getTime());
            told[index] = now;
          }
        }
      }),
    );
  });

  test('is moved for every reader at once, and goes on from there at the pace of the real clock', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: days(60) }), { minLength: 1, maxLength: 10 }), (jumps) => {
        const real = movableClock();
        const readers = [businessClock(file, real), businessClock(file, real)];
        for (const ms of jumps) {
          const target = later(businessClock(file, real), ms);
          moveBusinessClock(file, real, target);
          expect(readers.map((reader) => reader.now())).toEqual([target, target]);
          real.pass(1_500);
          expect(readers.map((reader) => reader.now())).toEqual([
            new Date(target.getTime() + 1_500),
            new Date(target.getTime() + 1_500),
          ]);
        }
      }),
    );
  });

  test('is not begun from a file that is not there or says nothing', async () => {
    expect(() => businessClock(join(folder, 'nothing'), systemClock)).toThrow('ENOENT');
    await writeFile(file, 'tomorrow');
    expect(() => businessClock(file, systemClock)).toThrow('does not say by how many milliseconds');
  });

  test('is refused in production', () => {
    const needed = { MONGODB_URI: 'mongodb://db/orders', REDIS_URL: 'redis://cache', LINK_SECRET: 'x'.repeat(32) };
    expect(readConfig({ ...needed, BUSINESS_CLOCK: file }).businessClock).toBe(file);
    expect(() => readConfig({ ...needed, NODE_ENV: 'production', BUSINESS_CLOCK: file })).toThrow(
      /BUSINESS_CLOCK is for trials only/,
    );
  });

  test('moved past the day of a waiting item makes it due, and leaves the leases of others alone', async () => {
    const shop = await openWorkshop();
    const business = businessClock(file, shop.clock);
    const { work } = shop.context.models;
    const payload = { order: 'nobody', command: { type: 'check-sla', seq: 1 } };
    const draft = { queue: 'setup', kind: 'command', order: 'nobody', payload };
    const waiting = await shop.accept({ ...draft, runAt: later(business, days(5)) });
    const leased = await shop.accept(draft);

    moveBusinessClock(file, shop.clock, later(business, days(4)));
    expect(await work.wake(business.now())).toBe(0);
    expect(await shop.deliver(waiting._id, { business })).toBe('later');

    moveBusinessClock(file, shop.clock, later(business, days(1)));
    expect(await work.wake(business.now())).toBe(1);
    expect(await shop.deliver(waiting._id, { business })).toBe('settled');
    expect(await work.expired(shop.clock.now(), 10)).toEqual([]);
    expect(await work.get(leased._id)).toMatchObject({ state: 'open', phase: 'nudged', generation: 1 });
  });
});
