/** A real browser for a test file; where there is none, the file says plainly what it leaves out. */
import { chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { findChromium } from '../../scripts/servers/find-chromium.ts';

const path = await findChromium();

export const hasChromium = path !== undefined;

if (!hasChromium) {
  console.warn('No Chromium was found or could be installed: the journeys in a real browser are left out.');
}

/** A page; it is closed, with its browser, when the test has ended. Ours need no scripts, so it runs none unless asked. */
export async function aPage({ scripts = false } = {}): Promise<Page> {
  const browser = await chromium.launch({ executablePath: path ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ javaScriptEnabled: scripts, bypassCSP: scripts });
  return context.newPage();
}
