import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeptVersions } from '../../models/span.ts';
import { rebuildSpans } from '../../workers/analytics.ts';
import type { Context } from '../../workers/machine/context.ts';
import type { Span } from '../../workflows/analytics/span.ts';
import { spansOf } from '../../workflows/analytics/spans.ts';
import { gated } from '../simulation/gated.ts';
import type { Step } from '../simulation/scheduler.ts';
import { keep, recordSpans } from '../support/kept-pasts.ts';
import { type Past, type PastLine, somePast } from '../support/pasts.ts';
import { openWorkshop, placeOrder } from '../support/workshop.ts';

const shop = await openWorkshop();
const { models } = shop.context;
const whose = { agency: 'nordlicht', account: 'mueller', from: new Date('2026-02-20T08:00:00Z') };

let pasts = 0;
function aPast(seed: number): Past {
  pasts += 1;
  return somePast(seed, { id: `past-${pasts}`, ...whose });
}

async function kept(order: string): Promise<Span[]> {
  return (await models.spans.model.collection.find({ order }).sort({ _id: 1 }).toArray()) as unknown as Span[];
}

const told = (past: Past, lines: PastLine[] = past.lines): Span[] =>
  spansOf(past, lines).sort((one, other) => (one._id < other._id ? -1 : 1));

describe('an order that moves', () => {
  test('has its spans kept, one item for each commit that changed them', async () => {
    const id = await placeOrder(shop);
    const order = (await models.orders.get(id))!;
    const { agency, account, state, history } = order;
    const spans = await kept(id);
    expect(spans).toEqual(told({ id, agency, account, calendar: state.calendar ?? 'us-east' } as Past, history));
    expect(spans.map(({ _id }) => _id)).toEqual([id, `${id}.intake.1`]);
    const items = (await models.work.ofOrder(id, 100)).filter(({ queue }) => queue === 'analytics');
    expect(items.map(({ _id, kind, payload }) => [_id.startsWith(`${id}-1-`), kind, payload])).toEqual([
      [true, 'span', { order: id }],
    ]);
  });

  test('has nothing written by an item that comes late or again', async () => {
    const id = await placeOrder(shop);
    const { _id } = await shop.itemOf(id, 'span');
    const before = await kept(id);
    const writes = countedWrites();
    await shop.reopen(_id);
    expect(await shop.deliver(_id, { models: writes.models })).toBe('settled');
    expect([await kept(id), writes.spans()]).toEqual([before, 0]);
  });

  test('has no spans when there is no such order', async () => {
    const { _id } = await shop.accept({ queue: 'analytics', kind: 'span', payload: { order: 'nobody' } });
    expect(await shop.deliver(_id)).toBe('settled');
    expect(await kept('nobody')).toEqual([]);
  });

  test('is not told with a gap: an item whose lines are missing is tried again', async () => {
    const past = somePast(7, { id: 'gap', ...whose });
    await keep(models, past);
    await models.audit.model.collection.deleteOne({ _id: 'order.gap:2' as never });
    const { _id } = await shop.accept({ queue: 'analytics', kind: 'span', payload: { order: 'gap' } });
    expect(await shop.deliver(_id)).toBe('again');
    expect(await kept('gap')).toEqual([]);
  });
});

describe('spans that are written in any order', () => {
  test('end as the whole history has them, whoever read what when', { timeout: 180_000 }, async () => {
    const steps = fc.array(fc.record({ length: fc.nat(100), sawNothing: fc.boolean() }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), steps, fc.nat(12), async (seed, late, place) => {
        const past = aPast(seed);
        const whole = { length: past.lines.length, sawNothing: false };
        const arriving = [...late.slice(0, place), whole, ...late.slice(place)];
        for (const { length, sawNothing } of arriving) {
          const seen = sawNothing ? new Map() : await models.spans.kept(past.id);
          const lines = past.lines.slice(0, 1 + ((length - 1) % past.lines.length));
          await models.spans.write(spansOf(past, lines), seen);
        }
        expect(await kept(past.id)).toEqual(told(past));
      }),
      { numRuns: 25 },
    );
  });

  test('end so when two write at the same time', async () => {
    const past = aPast(11);
    const nothing = new Map();
    const half = past.lines.slice(0, past.lines.length / 2);
    await Promise.all([half, past.lines, half].map((lines) => models.spans.write(spansOf(past, lines), nothing)));
    expect(await kept(past.id)).toEqual(told(past));
  });
});

describe('a worker that dies', () => {
  test('at any call leaves spans that the next delivery makes whole', { timeout: 180_000 }, async () => {
    const calls = await dieAt(await begun(), 1_000, 'before');
    expect(calls).toEqual(['get', 'kept', 'read', 'write']);
    for (const [index, call] of calls.entries()) {
      for (const when of ['before', 'after'] as const) {
        const past = await begun();
        await dieAt(past, index + 1, when);
        for (const span of await kept(past.id)) expect(versionsOf(past, span)).toContainEqual(span);
        await recordSpans(past, shop.context);
        expect({ call, when, spans: await kept(past.id) }).toEqual({ call, when, spans: told(past) });
      }
    }
  });
});

describe('a rebuild', () => {
  test('puts right what is wrong, takes away what should not be, and leaves what is newer', async () => {
    const past = await begun();
    await recordSpans(past, shop.context);
    const [first, ...rest] = told(past);
    const newer = { ...rest.at(-1)!, version: past.lines.length + 5, tier: 'newer' };
    const { collection } = models.spans.model;
    await collection.updateOne({ _id: first!._id as never }, { $set: { tier: 'wrong' } });
    await collection.insertOne({ ...first, _id: `${past.id}.gone.1`, version: 1 } as never);
    await collection.replaceOne({ _id: newer._id as never }, newer as never);
    await collection.deleteOne({ _id: rest[0]!._id as never });
    expect(await rebuildSpans(past.id, models)).toBe(true);
    expect(await kept(past.id)).toEqual(told(past).map((span) => (span._id === newer._id ? newer : span)));
    expect(await rebuildSpans('nobody', models)).toBe(false);
  });
});

/** An order whose spans are those of half its past, with the other half just committed. */
async function begun(): Promise<Past> {
  const past = aPast(2);
  await models.spans.write(spansOf(past, past.lines.slice(0, 8)), new Map());
  await keep(models, past);
  return past;
}

function versionsOf(past: Past, { _id }: Span): Span[] {
  const all = past.lines.map((_, index) => spansOf(past, past.lines.slice(0, index + 1)));
  return all.flatMap((spans) => spans.filter((span) => span._id === _id));
}

/** Delivers until call number `at`, where the process dies. Answers with the calls it made. */
async function dieAt(past: Past, at: number, when: 'before' | 'after'): Promise<string[]> {
  const calls: string[] = [];
  await new Promise<void>((died) => {
    const dying: Step = async (call, carryOut) => {
      calls.push(call);
      if (calls.length > at) return new Promise<never>(() => undefined);
      if (calls.length < at) return carryOut();
      if (when === 'after') await carryOut();
      died();
      return new Promise<never>(() => undefined);
    };
    recordSpans(past, through(dying)).then(died, died);
  });
  return calls;
}

function through(step: Step): Context {
  const { orders, audit, spans } = models;
  const ports = { orders: gated(orders, step), audit: gated(audit, step), spans: gated(spans, step) };
  return { ...shop.context, models: { ...models, ...ports } };
}

/** Counts the spans that are newer than what is kept. */
function countedWrites() {
  let count = 0;
  const write = async (all: Span[], seen: KeptVersions) => {
    count += all.filter(({ _id, version }) => (seen.get(_id) ?? 0) < version).length;
    await models.spans.write(all, seen);
  };
  return { models: { ...models, spans: { ...models.spans, write } }, spans: () => count };
}
