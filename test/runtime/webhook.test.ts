import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signedHeaders, verifiedId } from '../../runtime/webhook.ts';

const [old, current, foreign] = ['old', 'current', 'foreign'].map(
  (name) => `whsec_${Buffer.from(name.padEnd(32, '-')).toString('base64')}`,
) as [string, string, string];
const body = '{"type":"dispatch.completed"}';
const sign = (secrets: string[], secondsAgo = 0) =>
  signedHeaders(secrets, { id: 'msg_1', at: new Date(Date.now() - secondsAgo * 1_000), body });

describe('a signed message', () => {
  test('is believed under either of two secrets', () => {
    expect(verifiedId([old, current], sign([current]), Buffer.from(body))).toBe('msg_1');
    expect(verifiedId([old, current], sign([old]), Buffer.from(body))).toBe('msg_1');
  });

  test('that we sign with two secrets is believed by whoever knows one', () => {
    expect(new Webhook(old).verify(body, sign([old, current]))).toEqual(JSON.parse(body));
    expect(new Webhook(current).verify(body, sign([old, current]))).toEqual(JSON.parse(body));
  });

  test.each([
    ['signed with a foreign secret', () => [sign([foreign]), body]],
    ['with another body', () => [sign([current]), `${body} `]],
    ['older than five minutes', () => [sign([current], 301), body]],
    ['from more than five minutes ahead', () => [sign([current], -302), body]],
    ['under another id', () => [{ ...sign([current]), 'webhook-id': 'msg_2' }, body]],
    ['without a signature', () => [{ ...sign([current]), 'webhook-signature': undefined }, body]],
    ['with two ids', () => [{ ...sign([current]), 'webhook-id': ['msg_1', 'msg_1'] }, body]],
    ['with a timestamp that is none', () => [{ ...sign([current]), 'webhook-timestamp': 'now' }, body]],
    ['with an empty signature', () => [{ ...sign([current]), 'webhook-signature': 'v1,' }, body]],
  ] as const)('%s is not believed', (_, make) => {
    const [headers, text] = make() as [Record<string, string>, string];
    expect(verifiedId([old, current], headers, Buffer.from(text))).toBeUndefined();
  });

  test('that is not text is not believed, though its replacement characters would match', () => {
    const raw = Buffer.concat([Buffer.from(body), Buffer.from([0xff])]);
    const headers = signedHeaders([current], { id: 'msg_1', at: new Date(), body: raw.toString() });
    expect(verifiedId([current], headers, raw)).toBeUndefined();
    expect(verifiedId([current], headers, Buffer.from(raw.toString()))).toBe('msg_1');
  });
});
