import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { refusalOf } from '../../api/http/problems.ts';
import { isOutage } from '../../models/outage.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { type Line, lineTo } from '../support/cut.ts';
import { eventually } from '../support/eventually.ts';
import { uniqueName } from '../support/ids.ts';

const ordered = { account: 'acme', product: 'listings', tier: 'basic', title: 'Listings', client };

describe('while Redis cannot be reached', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await anApi({ redisUrl: 'redis://127.0.0.1:1' });
  });

  test('work is accepted all the same, and is ready for the dispatcher', async () => {
    const begun = performance.now();
    const answer = await api.call('POST', '/v1/admin/orders', { body: ordered });
    expect(answer.statusCode).toBe(202);
    expect(answer.json().job).toMatchObject({ state: 'open', phase: 'ready' });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test('the process is ready, and says that Redis is not', async () => {
    const answer = await api.call('GET', '/health/ready', { as: 'nobody' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok', mongo: true, redis: false }]);
  });
});

describe('while MongoDB cannot be reached', () => {
  let api: TestApi;
  let line: Line;
  beforeAll(async () => {
    line = await lineTo(inject('mongoUri'));
    const uri = new URL(line.url);
    uri.pathname = `/${uniqueName('test')}`;
    api = await anApi({ connection: await connectMongo(uri.href) });
  });
  afterAll(() => line.close());

  test('every request is answered with 503 within two seconds, and all is well afterwards', async () => {
    line.cut();
    for (const [method, url, body] of [
      ['POST', '/v1/admin/orders', ordered],
      ['GET', '/v1/admin/orders', undefined],
      ['GET', '/v1/jobs/any', undefined],
    ] as const) {
      const begun = performance.now();
      const answer = await api.call(method, url, { body });
      expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'unavailable', retryable: true }]);
      expect(answer.headers['retry-after']).toBe('2');
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
    expect((await api.call('GET', '/health/ready', { as: 'nobody' })).statusCode).toBe(503);
    expect((await api.call('GET', '/health/live', { as: 'nobody' })).statusCode).toBe(200);

    line.mend();
    await eventually(async () => (await api.call('GET', '/health/ready', { as: 'nobody' })).statusCode === 200);
    expect((await api.call('POST', '/v1/admin/orders', { body: ordered })).statusCode).toBe(202);
  });
});

describe('an answer of MongoDB that is an error', () => {
  const coded = (code: number) => new mongoose.mongo.MongoServerError({ message: 'so it is', code }) as never;

  test.each([91, 189, 10_107, 11_600, 11_602, 13_435, 13_436])(
    'of code %i is an outage: the server changes hands',
    (code) => {
      expect(isOutage(coded(code))).toBe(true);
      expect(refusalOf(coded(code))).toMatchObject({ code: 'unavailable', status: 503 });
    },
  );

  test('of code 50 is no fault of ours either: a search that took too long', () => {
    expect(refusalOf(coded(50))).toMatchObject({ code: 'unavailable', status: 503 });
  });

  test('of another code is a fault', () => {
    expect([isOutage(coded(11_000)), refusalOf(coded(11_000))]).toEqual([false, undefined]);
  });
});
