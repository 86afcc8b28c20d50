/**
 * Real values of fifteen countries on their whole way: typed into the form of every product and posted as a browser
 * does, stored, shown again, exported as CSV and imported elsewhere. Each is found as it was typed, in its one form with
 * the typed text kept beside it, or is refused with a sentence.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fillIn, formIn } from '../../scripts/trial/forms.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { readAmount } from '../../workflows/validators/amounts.ts';
import { anApi, type TestApi } from '../support/api.ts';
import { type Corner, corpus } from '../support/corpus.ts';
import { runScript } from '../support/script.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let api: TestApi;
let other: TestApi;
let dir: string;
beforeAll(async () => {
  [api, other] = [await anApi(), await anApi()];
  dir = await mkdtemp(join(tmpdir(), 'orderworks-corpus-'));
  for (const { models } of [api, other]) for (const corner of corpus) await models.accounts.put(accountOf(corner));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const accountOf = ({ country, locale, names: [name = ''], zones: [timeZone = ''], mails: [email = ''] }: Corner) => ({
  ...{ _id: `acc_${country.toLowerCase()}`, agency: 'north', name, timeZone, country, locale },
  contact: { name, email },
});

const asked = Object.keys(products).filter((product) => workflowFor(product).stages[0]?.gate === 'form');
const intakeOf = (product: string) => workflowFor(product).stages[0]!;

/** What somebody of the country types into the control; undefined where the example will do. */
function typedInto(name: string, corner: Corner, at: number): string | undefined {
  const { names, addresses, phones, domains, websites, mails, zones, hours, amounts, country, currency } = corner;
  const [line, locality, postalCode] = addresses[at % addresses.length] ?? [];
  const word = names[at % names.length];
  const texts: [RegExp, string | undefined][] = [
    [/^hours\.(monday|wednesday)$/, hours[at % hours.length]],
    [/(^|\.)(phone)$/, phones[at % phones.length]?.[0]],
    [/^nap\.address$/, line],
    [/^nap\.locality$/, locality],
    [/^nap\.postal_code$/, postalCode],
    [/^nap\.region$/, ''],
    [/^nap\.country$/, country],
    [/(^|\.)domain$/, domains[at % domains.length]?.[0]],
    [/^targets$/, `https://${domains[at % domains.length]?.[0].replace(/^https?:\/\/|\/$/g, '')}/offer`],
    [/(^|\.)website$/, websites[at % websites.length]],
    [/(^|\.)email$/, mails[at % mails.length]],
    [/^time_zone$/, zones[at % zones.length]],
    [/^monthly_budget\.amount$/, amounts[at % amounts.length]?.[0]],
    [/^monthly_budget\.currency$/, currency],
    [/^(nap\.name|approver\.name|business_name|voice|tone|audience|niche|offer|legal_entity)$/, word],
    [/^(goals|topics|offers|keywords|anchors)$/, names.join('\n')],
  ];
  return texts.find(([pattern]) => pattern.test(name))?.[1];
}

const accept = 'text/html,application/xhtml+xml';
const headers = { accept, 'content-type': 'application/x-www-form-urlencoded' };
const bare = (text: string) => text.replaceAll('\r\n', '\n').trim();

interface Sent {
  id: string;
  product: string;
  typed: Map<string, string>;
  /** The messages of a refusal. */
  refused?: string[];
}

const intake = async (id: string) => (await api.models.orders.get(id))?.state.stages[0];

const urlOf = async (id: string) => `/onboarding/${api.token('link', (await intake(id))?.link ?? '')}`;

async function fill(product: string, corner: Corner, at: number, id: string): Promise<Sent> {
  const url = await urlOf(id);
  const page = await api.app.inject({ method: 'GET', url, headers: { accept } });
  const pairs = fillIn(formIn(page.body)!, exampleOf(intakeOf(product))).map(([name, value]): [string, string] => [
    name,
    typedInto(name, corner, at) ?? value,
  ]);
  const payload = new URLSearchParams(pairs).toString();
  const answer = await api.app.inject({ method: 'POST', url, headers, payload });
  const sent = { id, product, typed: new Map(pairs) };
  if (answer.statusCode === 200) return sent;
  return { ...sent, refused: [...answer.body.matchAll(/-error">([^<]+)</g)].map(([, message = '']) => message) };
}

/** The controls whose text is neither what the page shows now nor kept as it was typed. */
async function lostOf({ id, typed }: Sent): Promise<string[]> {
  const [response] = await api.models.responses.ofOrder(id);
  const kept = new Map(response?.typed?.map(({ field, text }) => [field, text]));
  const page = await api.app.inject({ method: 'GET', url: await urlOf(id), headers: { accept } });
  const shown = new Map(fillIn(formIn(page.body)!, {}));
  return [...typed].flatMap(([name, text]) => {
    if (bare(shown.get(name) ?? '') === bare(text) || bare(kept.get(name) ?? '') === bare(text)) return [];
    return [`${name}: “${text}” is shown as “${shown.get(name)}”`];
  });
}

describe.each(corpus.map((corner) => [corner.country, corner] as const))('values of %s', (country, corner) => {
  test('are found again in the form of every product, or refused with a sentence', async () => {
    const account = `acc_${country.toLowerCase()}`;
    const ids = await Promise.all(asked.map((product) => placeAt(api, { product, account, corner })));
    await api.work();
    const sent: Sent[] = [];
    for (const [at, product] of asked.entries()) sent.push(await fill(product, corner, at, ids[at] ?? ''));
    await api.work();
    const taken = sent.filter(({ refused }) => !refused);
    for (const { product, refused } of sent) {
      for (const message of refused ?? ['']) if (refused) expect(message, product).toMatch(/^[A-Z“].{10,}[.?]$/s);
    }
    expect(sent.filter(({ refused }) => refused).map(({ product, refused }) => [product, refused])).toEqual([]);
    for (const { id } of taken) await sendBack(id);
    await api.work();
    const lost = await Promise.all(taken.map(async (one) => [one.product, await lostOf(one)] as const));
    expect(lost.filter(([, controls]) => controls.length > 0)).toEqual([]);
  });
});

async function placeAt(
  { call }: TestApi,
  { product, account, corner }: { product: string; account: string; corner: Corner },
) {
  const at = asked.indexOf(product);
  const client = { name: corner.names[at % 4], email: corner.mails[at % 4] };
  const title = `${corner.names[(at + 1) % 4]}: ${corner.addresses[at % 3]?.join(', ')}`;
  const body = {
    account,
    product,
    tier: products[product]?.[0].tiers[0],
    title,
    client,
    reference: `${account}/${at} №`,
  };
  const answer = await call('POST', '/v1/admin/orders', { body });
  expect(answer.statusCode, answer.body).toBe(202);
  return answer.json().order.id as string;
}

async function sendBack(id: string): Promise<void> {
  const body = { status: 'needs_revision', reason: 'Please look at it once more.' };
  const answer = await api.call('PUT', `/v1/admin/orders/${id}/onboarding`, { body, headers: { 'if-match': '*' } });
  expect(answer.statusCode, answer.body).toBe(202);
}

test('an amount that could be two is never taken for one', () => {
  for (const { amounts, locale, currency } of corpus) {
    for (const [text] of amounts) expect(readAmount(text, { locale, currency })?.unclear, text).toBe(false);
  }
});

test('orders are exported as CSV and imported elsewhere without a character lost', async () => {
  const envOf = async ({ app, keys }: TestApi) => ({
    ORDERWORKS_URL: await app.listen({ host: '127.0.0.1', port: 0 }),
    ORDERWORKS_KEY: keys.order_admin,
  });
  const exported = await runScript('export-orders', [], { env: await envOf(api) });
  expect(exported.code, exported.stderr).toBe(0);
  const file = join(dir, 'orders.csv');
  await writeFile(file, exported.stdout);
  const imported = await runScript('import-orders', [file, '--apply', '--yes'], { env: await envOf(other) });
  expect(imported.code, imported.stderr + imported.stdout).toBe(0);
  await other.work();
  const ordersOf = async ({ models }: TestApi) =>
    (await models.orders.documents.find({}).toArray())
      .map(({ account, state: { title, product, tier, client } }) =>
        JSON.stringify([account, title, product, tier, client]),
      )
      .sort();
  const there = await ordersOf(other);
  expect(there).toEqual(await ordersOf(api));
  expect(there.length).toBe(corpus.length * asked.length);
});
