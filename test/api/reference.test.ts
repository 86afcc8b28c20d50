import { beforeAll, describe, expect, test } from 'vitest';
import { refusals } from '../../kernel/errors.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { readSources } from '../support/sources.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  await api.app.ready();
});

describe('the OpenAPI description', () => {
  test('is the one that is committed (after a change: npx vitest run test/api/reference -u)', async () => {
    const description = `${JSON.stringify(api.app.swagger(), null, 2)}\n`;
    await expect(description).toMatchFileSnapshot('../../openapi.json');
  });

  test('has every route of ours', () => {
    const { paths = {} } = api.app.swagger();
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations ?? {}).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const ours = api.app.knownRoutes
      .filter(({ method, url }) => method !== 'HEAD' && !/^\/(docs|admin)\b/.test(url))
      .map(({ method, url }) => `${method} ${url}`);
    expect(described.sort()).toEqual(ours.sort());
  });

  test('has a page that shows it', async () => {
    const page = await api.call('GET', '/docs/', { as: 'nobody' });
    expect([page.statusCode, page.body.includes('swagger-ui')]).toEqual([200, true]);
  });
});

describe('ERRORS.md', () => {
  test('is the catalogue (after a change: npx vitest run test/api/reference -u)', async () => {
    const rows = Object.entries(refusals).map(
      ([code, { status, title, cure }]) => `| \`${code}\` | ${status} | ${title}. | ${cure} |`,
    );
    const page = [
      '# Errors',
      '',
      'Every refusal of the API and of the workers, from `kernel/errors.ts`. A refusal is an answer: asking again the same',
      'way gives it again, save `too_many_requests` and `unavailable` (`retryable: true`). Anything else that fails is a',
      'fault: 500 with the code `fault`, a `requestId` that the log knows, and nothing more.',
      '',
      '| Code | Status | What it says | What to do |',
      '| --- | --- | --- | --- |',
      ...rows,
      '',
    ];
    await expect(page.join('\n')).toMatchFileSnapshot('../../ERRORS.md');
  });

  test('lists no code that nothing throws', async () => {
    const sources = (await readSources()).filter(
      ({ path }) => path !== 'kernel/errors.ts' && !path.startsWith('test/'),
    );
    const text = sources.map((source) => source.text).join('\n');
    expect(Object.keys(refusals).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
