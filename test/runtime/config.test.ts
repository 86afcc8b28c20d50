import { describe, expect, test } from 'vitest';
import { readConfig } from '../../runtime/config.ts';

const needed = { MONGODB_URI: 'mongodb://db/orders', REDIS_URL: 'redis://cache', LINK_SECRET: 'x'.repeat(32) };
const trusting = (text: string) => readConfig({ ...needed, TRUST_PROXY: text }).trustProxy;

describe('TRUST_PROXY', () => {
  test('is nobody, unless somebody is named', () => {
    expect(readConfig(needed).trustProxy).toEqual([]);
  });

  test('is a number of hops or a list of addresses', () => {
    expect(trusting('1')).toBe(1);
    expect(trusting('10.0.0.0/8, ::1,loopback')).toEqual(['10.0.0.0/8', '::1', 'loopback']);
  });

  test.each(['true', '*', '11', '-1', 'proxy.example', '10.0.0.1;10.0.0.2'])('is not %s', (text) => {
    expect(() => trusting(text)).toThrow(/TRUST_PROXY: must be a number of hops/);
  });
});
