/** Pages are posted to as browsers do: every control of the page, empty ones too, line breaks as CR LF. */
import { beforeAll, describe, expect, test } from 'vitest';
import { fillIn, formIn } from '../../scripts/trial/forms.ts';
import { products, workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import { anApi, client, type TestApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi();
  const profile = { agency: 'north', timeZone: 'Europe/Berlin', contact: client };
  await api.models.accounts.put({ _id: 'nord', name: 'Nord', country: 'DE', ...profile });
  await api.models.accounts.put({ _id: 'pune', name: 'Pune', country: 'DE', locale: 'en-IN', ...profile });
});

const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const urlencoded = 'application/x-www-form-urlencoded';

async function theForm(product: string, account = 'acme'): Promise<{ id: string; url: string }> {
  const id = await api.order(product, { account });
  const link = (await api.models.orders.get(id))?.state.stages.find(({ key }) => key === 'intake')?.link ?? '';
  return { id, url: `/onboarding/${api.token('link', link)}` };
}

const open = (url: string) => api.app.inject({ method: 'GET', url, headers: { accept } });

function send(url: string, payload: string, type = urlencoded) {
  return api.app.inject({ method: 'POST', url, payload, headers: { accept, 'content-type': type } });
}

const bodyOf = (page: string, answers: Record<string, unknown>, also: [string, string][] = []): string => {
  const form = formIn(page);
  if (!form) throw new Error('The page has no form.');
  const changed = new Map(also);
  const pairs = fillIn(form, answers).map(([name, value]): [string, string] => [name, changed.get(name) ?? value]);
  const added = also.filter(([name]) => !pairs.some(([there]) => there === name));
  return new URLSearchParams([...pairs, ...added]).toString();
};

async function sendForm(url: string, answers: Record<string, unknown>, also: [string, string][] = []) {
  return send(url, bodyOf((await open(url)).body, answers, also));
}

const intake = (product: string) => exampleOf(workflowFor(product).stages[0]!);
const stored = async (id: string) => {
  await api.work();
  return (await api.models.orders.get(id))?.state.stages[0];
};

const asked = Object.keys(products).filter((product) => workflowFor(product).stages[0]?.gate === 'form');

describe('a form that a browser sends', () => {
  test.each(asked)('is taken with every control of its page: %s', async (product) => {
    const { id, url } = await theForm(product);
    const answer = await sendForm(url, intake(product));
    expect([answer.statusCode, answer.body.includes('Thank you')]).toEqual([200, true]);
    const is = await stored(id);
    expect(is?.status).toBe('in_review');
    expect(is?.data).toMatchObject(workflowFor(product).stages[0]!.exit!.parse(intake(product)));
  });

  test('has no row that nobody touched, and no further row for each try', async () => {
    const { id, url } = await theForm('gbp');
    const rowsOf = (page: string) => new Set(page.match(/special_hours\.\d+\.date/g)).size;
    let page = (await open(url)).body;
    for (let round = 0; round < 5; round += 1) {
      const answer = await send(url, bodyOf(page, { ...intake('gbp'), category: '' }));
      expect(answer.statusCode).toBe(422);
      expect(rowsOf(answer.body)).toBe(rowsOf(page));
      page = answer.body;
    }
    const rows = [['special_hours.0.date', ''] as const, ['special_hours.1.open', 'yes'] as const];
    const touched = await send(url, bodyOf(page, intake('gbp'), [...rows] as [string, string][]));
    expect(touched.body).toContain('id="f-special_hours.0.date-error"');
    const answer = await send(url, bodyOf(page, intake('gbp')));
    expect(answer.statusCode).toBe(200);
    expect((await stored(id))?.data).toMatchObject({ special_hours: [] });
  });

  test('counts a line break once, in a form and in the comment of an approval', async () => {
    const paragraphs = (length: number) => 'Nine char\n'.repeat(length / 10).trimEnd();
    const { id, url } = await theForm('gbp');
    const description = paragraphs(750);
    const answer = await sendForm(url, { ...intake('gbp'), description });
    expect(answer.statusCode).toBe(200);
    expect((await stored(id))?.data).toMatchObject({ description });

    const order = await api.order('google_ads');
    await api.walk(order, 'client_approval');
    const approval = (await api.models.orders.get(order))?.state.stages.find(({ key }) => key === 'client_approval');
    const decided = await sendForm(`/approve/${api.token('approval', approval?.approval ?? '')}`, {
      decision: 'changes',
      comment: paragraphs(2_000),
    });
    expect([decided.statusCode, decided.body.includes('You asked for changes.')]).toEqual([200, true]);
  });

  test('ends on "Thank you" however often it is sent, until and after it is carried out', async () => {
    const { url } = await theForm('seo');
    const body = bodyOf((await open(url)).body, intake('seo'));
    const clicks = await Promise.all([send(url, body), send(url, body), send(url, body)]);
    await api.work();
    for (const { statusCode, body: page } of [...clicks, await send(url, body)]) {
      expect([statusCode, page.includes('Thank you')]).toEqual([200, true]);
    }
    const other = await send(url, body.replace('example.com', 'example.org'));
    expect([other.statusCode, other.body.includes('cannot be used')]).toEqual([404, true]);
    expect((await open(url)).statusCode).toBe(404);
  });
});

describe('a post that is wrong', () => {
  const big = 'x'.repeat(1_200_000);
  const tooMany = Array.from({ length: 20_000 }, (_, n) => `a.${n}=`).join('&');

  test.each([
    ['a field that an extension added', (body: string) => [`${body}&coupon_ext=1&__proto__.x=1`], 'coupon_ext', true],
    ['a text that is too long', (body: string) => [`${body}&voice_add=${'y'.repeat(5_000)}`], 'voice_add', true],
    ['another type', () => ['name=x', 'text/plain'], 'could not|cannot read', false],
    ['a file', () => ['--b\r\n\r\n--b--', 'multipart/form-data; boundary=b'], 'cannot read', false],
    ['JSON that is none', () => ['{"a":', 'application/json'], 'could not be read', false],
    ['JSON that is a list', () => ['[1]', 'application/json'], 'could not be read', false],
    ['more than fits', () => [`a=${big}`], 'more than we can take', false],
    ['more fields than there are', () => [tooMany], 'with 20000 fields', false],
  ] as const)('shows the page again after %s', async (_, spoil, words, isKept) => {
    const { id, url } = await theForm('seo');
    const before = (await api.models.orders.get(id))?.version;
    const body = bodyOf((await open(url)).body, {
      ...intake('seo'),
      approver: { name: 'Zoë Ünal', email: 'z@example.com' },
    });
    const [payload = '', type] = spoil(body) as string[];
    const answer = await send(url, payload, type);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toMatch(new RegExp(words));
    expect(formIn(answer.body)?.controls.length).toBeGreaterThan(3);
    if (isKept) expect(answer.body).toContain('value="Zoë Ünal"');
    await api.work();
    expect((await api.models.orders.get(id))?.version).toBe(before);
    expect((await sendForm(url, intake('seo'))).statusCode).toBe(200);
  });

  test('shows the approval again, with what was typed', async () => {
    const id = await api.order('google_ads');
    await api.walk(id, 'client_approval');
    const approval = (await api.models.orders.get(id))?.state.stages.find(({ key }) => key === 'client_approval');
    const url = `/approve/${api.token('approval', approval?.approval ?? '')}`;
    const long = `${'Too long. '.repeat(300)}end of it`;
    for (const [also, words] of [
      [[['comment', long]], 'Use at most 2000 characters.'],
      [[['honey', 'x']], '“honey”'],
      [[['decision', 'maybe']], 'Please choose whether you approve this.'],
    ] as [[string, string][], string][]) {
      const answer = await sendForm(url, { decision: 'changes', comment: 'Less spend.' }, also);
      expect(answer.statusCode).toBe(422);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.body).toContain(words);
      expect(answer.body).toContain(also[0]?.[0] === 'comment' ? 'end of it' : 'Less spend.');
    }
    const typed = await send(url, '{}x', 'application/json');
    expect(typed.headers['content-type']).toContain('text/html');
  });

  test.each(['x', '__proto__', 'constructor', 'toString'])('takes no kind of place called %s', async (kind) => {
    const { url } = await theForm('google_ads');
    const rows = Array.from({ length: 1_500 }, (_, n): [string, string] => [`locations.include.${n}.kind`, kind]);
    const answer = await sendForm(url, intake('google_ads'), rows);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([422, 'text/html; charset=utf-8']);
  });

  test('says of hours what would pass, in no words of a library', async () => {
    const { url } = await theForm('gbp');
    const answer = await sendForm(url, intake('gbp'), [
      ['hours.monday', '9am-5pm'],
      ['hours.tuesday', '09:00-24:00'],
    ]);
    expect(answer.body).toMatch(/id="f-hours.monday-error">Enter hours such as 09:00-12:00/);
    expect(answer.body).toMatch(/id="f-hours.tuesday-error">Enter a time of day such as 09:30; midnight is 00:00/);
    expect(answer.body).not.toMatch(/Invalid input|expected|received/);
    expect(answer.body).toContain('value="9am-5pm"');
  });
});

describe('what was typed', () => {
  const ads = (account: string, amount: string, also: [string, string][] = []) =>
    theForm('google_ads', account).then(async ({ id, url }) => {
      const money: [string, string][] = [
        ['monthly_budget.amount', amount],
        ['monthly_budget.currency', 'EUR'],
      ];
      return { id, url, answer: await sendForm(url, intake('google_ads'), [...money, ...also]) };
    });

  test.each([
    ['nord', '1500,00', 150_000],
    ['nord', '1 500,50', 150_050],
    ['nord', '412,5', 41_250],
    ['nord', '1.500', 150_000],
    ['nord', '1\u00a0500,00', 150_000],
    ['pune', '1,50,000', 15_000_000],
    ['acme', '1,500', 150_000],
    ['acme', '1’500.50', 150_050],
  ])('in the account %s, %s is the amount that it is there', async (account, amount, minor) => {
    const { id, answer } = await ads(account, amount);
    expect(answer.statusCode).toBe(200);
    expect((await stored(id))?.data).toMatchObject({ monthly_budget: { amount: minor, currency: 'EUR' } });
  });

  test('is asked back where an amount could be two, and counts once it is confirmed', async () => {
    const { id, url, answer } = await ads('nord', '1,500');
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('1,500.00 EUR?');
    expect(answer.body).toContain('value="1,500"');
    const other = await send(
      url,
      bodyOf(answer.body, { 'monthly_budget.confirm': true }, [['monthly_budget.amount', '2,500']]),
    );
    expect(other.body).toContain('2,500.00 EUR?');
    const confirmed = await send(url, bodyOf(answer.body, { 'monthly_budget.confirm': true }));
    expect(confirmed.statusCode).toBe(200);
    expect((await stored(id))?.data).toMatchObject({ monthly_budget: { amount: 150_000, currency: 'EUR' } });
  });

  test('is kept beside what is made of it, and the page says what that is', async () => {
    const { id, answer } = await ads('nord', '1.500', [['phone', '+49 (30) 1234567 ext. 68']]);
    expect(answer.body).toContain('+49301234567 ext. 68');
    expect(answer.body).toContain('(you wrote “+49 (30) 1234567 ext. 68”)');
    expect((await stored(id))?.data).toMatchObject({ phone: '+49301234567 ext. 68' });
    const [response] = await api.models.responses.ofOrder(id);
    expect(response?.typed).toEqual(
      expect.arrayContaining([
        { field: 'monthly_budget.amount', text: '1.500' },
        { field: 'phone', text: '+49 (30) 1234567 ext. 68' },
      ]),
    );
  });

  test.each([
    ['google_ads', 'phone', '+49 30 1234567/68', 'Enter one number'],
    ['seo', 'domain', 'facebook.com/name', 'Enter a domain of your own'],
    ['google_ads', 'approver.email', 'info@müller', 'Enter an email address'],
  ])('in %s, %s, is not made into something else: %s', async (product, field, text, words) => {
    const { url } = await theForm(product);
    const answer = await sendForm(url, intake(product), [[field, text]]);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(words);
    expect(answer.body).toContain(`value="${text}"`);
  });
});
