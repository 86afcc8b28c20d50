import { describe, expect, test } from 'vitest';
import { BadEnvironment, readConfig } from '../../runtime/config.ts';
import { maskedConfig } from '../../runtime/masked-config.ts';

describe('the configuration', () => {
  test('names every variable that is missing or wrong at once', () => {
    const read = () => readConfig({ REDIS_URL: 'http://cache', PORT: 'web', LINK_SECRET: 'short' });
    expect(read).toThrow(BadEnvironment);
    expect(read).toThrow('  MONGODB_URI is not set, such as');
    for (const name of ['REDIS_URL', 'PORT', 'LINK_SECRET']) expect(read).toThrow(`  ${name} must `);
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
