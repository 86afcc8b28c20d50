/** Two clients in a real Chromium, from the mail's link to "Thank you": a business profile, and a campaign with its approval. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, client, type TestApi } from '../support/api.ts';
import { aPage, hasChromium } from '../support/chromium.ts';

let api: TestApi;
let origin: string;
beforeAll(async () => {
  if (!hasChromium) return;
  api = await anApi();
  const profile = { agency: 'north', timeZone: 'Europe/Berlin', country: 'DE', contact: client };
  await api.models.accounts.put({ _id: 'nord', name: 'Nord', ...profile });
  origin = await api.app.listen({ host: '127.0.0.1', port: 0 });
});

const limit = 120_000;
const stageOf = async (id: string, key: string) =>
  (await api.models.orders.get(id))?.state.stages.find((stage) => stage.key === key);

async function linkOf(id: string): Promise<string> {
  return `${origin}/onboarding/${api.token('link', (await stageOf(id, 'intake'))?.link ?? '')}`;
}

async function fill(page: Page, texts: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) await page.fill(`[name="${name}"]`, text);
}

const send = (page: Page) => page.click('button[type=submit]');

describe.skipIf(!hasChromium)('in a real browser', () => {
  test('a business profile is asked for, corrected and sent twice by a double click', { timeout: limit }, async () => {
    const id = await api.order('gbp', { account: 'nord' });
    const page = await aPage();
    await page.goto(await linkOf(id));
    await send(page);
    expect(await page.textContent('.errors h2')).toBe('Please check these answers');
    const rows = await page.locator('[name^="special_hours."][name$=".date"]').count();

    const photos = ['https://bücher.de/1.jpg', 'https://example.com/2.jpg', 'https://example.com/3.jpg'];
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
    const hours = Object.fromEntries(days.map((day) => [`hours.${day}`, '9:00 - 12:30, 14:00–18:00']));
    await fill(page, {
      ...{ 'nap.name': 'Bücherstube “Zum Löwen”', 'nap.address': 'Marktplatz 1\nHinterhaus', 'nap.locality': 'Köln' },
      ...{ 'nap.postal_code': '50667', 'nap.country': 'DE', 'nap.phone': '+49 221 1234567 Durchwahl 68' },
      ...{ ...hours, 'hours.sunday': '9am-5pm', category: 'Buchhandlung', description: 'Bücher.\n\nUnd Tee.' },
      ...{ website: 'bücher.de/köln', logo: 'https://bücher.de/logo.png', cover: 'https://bücher.de/cover.png' },
      ...{ photos: photos.join('\n'), 'approver.name': 'Jörg', 'approver.email': 'jörg@bücher.de' },
    });
    await page.selectOption('[name=kind]', 'storefront');
    await send(page);
    expect(await page.textContent('[id="f-hours.sunday-error"]')).toContain('Enter hours such as 09:00-12:00');
    expect(await page.locator('[name^="special_hours."][name$=".date"]').count()).toBe(rows);
    expect(await page.inputValue('[name="approver.email"]')).toBe('jörg@bücher.de');
    await page.fill('[name="hours.sunday"]', 'closed');
    await page.dblclick('button[type=submit]');
    await page.waitForSelector('h1:text-is("Thank you")');
    expect(await page.textContent('main')).toContain('+492211234567 ext. 68');

    await api.work();
    expect((await stageOf(id, 'intake'))?.data).toMatchObject({
      ...{ website: 'bücher.de/köln', special_hours: [], description: 'Bücher.\n\nUnd Tee.', photos },
      nap: { name: 'Bücherstube “Zum Löwen”', address: ['Marktplatz 1', 'Hinterhaus'] },
      approver: { name: 'Jörg', email: 'jörg@bücher.de' },
    });
    expect(await api.models.responses.ofOrder(id)).toHaveLength(1);
  });

  test('a campaign is asked for in euros, its amount asked back, and its plan changed in paragraphs', {
    timeout: limit,
  }, async () => {
    const id = await api.order('google_ads', { account: 'nord' });
    const page = await aPage();
    await page.goto(await linkOf(id));
    const { google_ads_customer_id } = exampleOf(workflowFor('google_ads').stages[0]!) as Record<string, string>;
    expect(await page.inputValue('[name="monthly_budget.currency"]')).toBe('EUR');
    await page.selectOption('[name="locations.include.0.kind"]', 'city');
    await page.selectOption('[name=goal]', 'calls');
    await fill(page, {
      ...{ google_ads_customer_id: google_ads_customer_id ?? '', 'monthly_budget.amount': '3,040' },
      ...{ 'locations.include.0.country': 'de', 'locations.include.0.name': 'München' },
      ...{ landing_urls: 'https://example.com/offer\n', languages: 'de', phone: '+49 89 1234567' },
      ...{ 'approver.name': 'Ann', 'approver.email': 'ann@example.com' },
    });
    await send(page);
    expect(await page.textContent('.errors')).toContain('3,040.00 EUR?');
    await page.check('[name="monthly_budget.confirm"]');
    await send(page);
    expect(await page.textContent('h1')).toBe('Thank you');
    await api.work();
    expect((await stageOf(id, 'intake'))?.data).toMatchObject({ monthly_budget: { amount: 304_000, currency: 'EUR' } });

    await api.walk(id, 'client_approval');
    const approval = (await stageOf(id, 'client_approval'))?.approval ?? '';
    const url = `${origin}/approve/${api.token('approval', approval)}`;
    await page.goto(url);
    await send(page);
    expect(await page.textContent('#wrong')).toContain('Please choose');
    await page.check('#changes');
    const comment = 'Nine char\n'.repeat(200).trimEnd();
    await page.fill('#comment', comment);
    await send(page);
    expect(await page.textContent('[role=status]')).toContain('You asked for changes.');
    const decided = (await api.models.work.ofOrder(id, 1))[0];
    expect(decided?.payload).toMatchObject({ command: { decision: 'changes', comment } });
    await page.goto(url);
    expect(await page.locator('form').count()).toBe(0);
  });
});
