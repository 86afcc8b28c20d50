import { describe, expect, test } from 'vitest';
import { BadEnvironment, maskedConfig, readConfig } from '../../runtime/config.ts';

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

describe('the configuration', () => {
  test('names every variable that is missing or wrong at once', () => {
    const read = () => readConfig({ REDIS_URL: 'http://cache', PORT: 'web', LINK_SECRET: 'short' });
    expect(read).toThrow(BadEnvironment);
    expect(read).toThrow('  MONGODB_URI: is not set');
    for (const name of ['REDIS_URL', 'PORT', 'LINK_SECRET']) expect(read).toThrow(`  ${name}: `);
  });

  test('is shown without a secret and without a login', () => {
    const shown = maskedConfig(
      readConfig({
        ...{ MONGODB_URI: 'mongodb://ann:hush@a:1,b:2/orders?replicaSet=rs', REDIS_URL: 'rediss://:hush@cache' },
        ...{ SMTP_URL: 'smtps://u:hush@mail', LINK_SECRET: `hush${'x'.repeat(32)}` },
      }),
    );
    expect(shown).toMatchObject({
      mongoUri: 'mongodb://***@a:1,b:2/orders?replicaSet=rs',
      linkSecret: '36 characters',
    });
    expect(JSON.stringify(shown)).not.toContain('hush');
  });
});
