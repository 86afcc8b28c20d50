/** The reference page in a real Chromium: it has its title, shows an example, and what axe finds wrong is the library's. */
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { anApi } from '../support/api.ts';
import { aPage, hasChromium } from '../support/chromium.ts';

let origin: string;
beforeAll(async () => {
  if (!hasChromium) return;
  const api = await anApi();
  origin = await api.app.listen({ host: '127.0.0.1', port: 0 });
});

const limit = 120_000;

/** What the markup of swagger-ui-dist gets wrong, and no option or style of ours can mend. */
const theLibrarys = [
  /** The tags' headings are h3 under no h2. */
  'heading-order',
  /** A link to an operation, and a button that copies it, stand in the button that opens it. */
  'nested-interactive',
  /** What stands above the operations is in no landmark. */
  'region',
  /** An example that is wider than the page cannot be scrolled by keyboard. */
  'scrollable-region-focusable',
];

describe.skipIf(!hasChromium)('the reference page', () => {
  test('is accessible, as far as the library lets', { timeout: limit }, async () => {
    const page = await aPage({ scripts: true });
    await page.goto(`${origin}/docs`);
    await page.waitForSelector('.opblock-summary');
    await page.click('.opblock-post .opblock-summary-control');
    await page.waitForSelector('.opblock-body');
    expect(await page.title()).toBe('Orderworks API');
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
    expect(await page.locator('.errors-wrapper').allInnerTexts()).toEqual([]);
    const ours = violations.filter(({ id }) => !theLibrarys.includes(id));
    expect(
      ours.map(({ id, nodes }) => [id, nodes.map(({ html, any }) => [html, any.map(({ message }) => message)])]),
    ).toEqual([]);
  });
});
