/** Every example of the API reference is sent, as it stands, to an API that is seeded and laid out as the demo's is. */
import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../kernel/time.ts';
import type { Vendor } from '../../models/vendor.ts';
import { signedHeaders } from '../../runtime/webhook.ts';
import { demoLinkSecret, layDesk, refusedAddress, valuesOf } from '../../scripts/trial/desk.ts';
import { readExamples } from '../../scripts/trial/examples.ts';
import { type Keys, sow } from '../../scripts/trial/seed.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { aBulk } from '../support/bulk.ts';
import { type ExampleCall, examplesIn } from '../support/examples.ts';
import { startSink } from '../support/sink.ts';
import { root } from '../support/sources.ts';
import { secretOf } from '../support/vendor.ts';

let api: TestApi;
let keys: Keys;
let written: string;
let settle: () => Promise<void>;
beforeAll(async () => {
  const sink = await startSink();
  sink.manners.rcpt = (address) => (refusedAddress.test(address) ? 550 : undefined);
  api = await anApi({ linkSecret: demoLinkSecret, smtpUrl: sink.url });
  const vendor = {
    _id: 'northbridge',
    name: 'Northbridge',
    secrets: [secretOf('vendor')],
    serves: [],
  } as unknown as Vendor;
  const examples = await readExamples(root);
  keys = await sow(api.models, { ...examples, vendor });
  const brightside = await api.models.agencies.get('brightside');
  await api.models.agencies.put({ ...brightside!, mailSecrets: [secretOf('mail')] });
  settle = aBulk(api).settle;
  const desk = {
    async call(method: 'POST' | 'PUT', url: string, { once, body }: { once?: string; body: unknown }) {
      const headers = { 'if-match': '*', ...(once !== undefined && { 'idempotency-key': once }) };
      const answer = await api.call(method, url, { as: keys.admin, body, headers });
      if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.body}`);
    },
    settle,
    ...{ models: api.models, business: systemClock, linkSecret: demoLinkSecret },
  };
  await layDesk(desk);
  const values = JSON.stringify(await valuesOf(desk), null, 2);
  written = values
    .replace(/"(\w+)":/g, '$1:')
    .replaceAll('"', "'")
    .replace(/(?<=['}])(?=\n\s*})/g, ',');
}, 60_000);

test('the desk has the links, plans and alerts that the examples name (after a change: this test with -u, twice)', async () => {
  const header =
    '/** What the desk’s links, plans and alerts are called. Written by test/api/examples.test.ts (with -u). */';
  await expect(`${header}\nexport const deskValues = ${written};\n`).toMatchFileSnapshot(
    '../../api/reference/desk-values.ts',
  );
});

describe('the example of', () => {
  test('every operation is answered as the reference says', async () => {
    await api.app.ready();
    // A vendor's answer to what nobody asked waits for its dispatch, which never comes: it is sent last.
    const calls = examplesIn(api.app.swagger()).sort((one, other) => Number(one.signed) - Number(other.signed));
    const wrong: string[] = [];
    for (const call of calls) {
      const answer = await send(call);
      if (!call.signed) await settle();
      if (!isAsSaid(call, answer)) wrong.push(`${call.name}: ${answer.statusCode} ${answer.body.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
    expect(calls.length).toBeGreaterThan(60);
  }, 60_000);
});

function send({ method, url, headers, body, signed, asClient, open }: ExampleCall) {
  const key = open ? {} : { authorization: `Bearer ${asClient ? keys.client : keys.admin}` };
  const secret = url.includes('mail-events') ? 'mail' : 'vendor';
  const seal = signed
    ? signedHeaders([secretOf(secret)], { id: `msg_${secret}`, at: systemClock.now(), body: body ?? '' })
    : {};
  return api.app.inject({
    method,
    url,
    headers: { ...key, ...headers, ...seal },
    ...(body !== undefined && { payload: body }),
  });
}

const isAsSaid = ({ successes, refused }: ExampleCall, answer: { statusCode: number; body: string }): boolean =>
  refused === undefined
    ? successes.includes(String(answer.statusCode))
    : answer.statusCode >= 400 && JSON.parse(answer.body).code === refused;
