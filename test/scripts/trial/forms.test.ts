import { describe, expect, test } from 'vitest';
import { fieldsOf } from '../../../api/pages/fields.ts';
import { readForm } from '../../../api/pages/read-fields.ts';
import { renderFields } from '../../../api/pages/render-fields.ts';
import { fillIn, formIn } from '../../../scripts/trial/forms.ts';
import { products, workflowFor } from '../../../workflows/index.ts';
import { exampleOf } from '../../../workflows/products/exit.ts';

const page = `<h1>Your form</h1><form method="post" action="/onboarding/abc">
  <input type="hidden" name="round" value="2">
  <input type="text" name="name" value="Müller &amp; Söhne"><textarea name="goals" rows="4"></textarea>
  <select name="kind"><option value="a">A</option></select><input type="checkbox" name="agreed" value="yes">
  <input name="rows.0.city"><input name="rows.1.city"><input name="budget.amount"><input name="budget.currency">
  <button name="decision" value="approve">Approve</button></form>`;

describe('a form on a page', () => {
  test('is sent as a browser sends it: every control, line breaks as CR LF, boxes that are ticked', () => {
    const form = formIn(page);
    const answers = {
      name: 'Ann',
      goals: ['calls', 'visits'],
      agreed: true,
      rows: [{ city: 'Łódź' }],
      budget: { amount: 304_000, currency: 'USD' },
    };
    expect(form?.action).toBe('/onboarding/abc');
    expect(form && fillIn(form, answers)).toEqual([
      ['round', '2'],
      ['name', 'Ann'],
      ['goals', 'calls\r\nvisits'],
      ['kind', 'a'],
      ['agreed', 'yes'],
      ['rows.0.city', 'Łódź'],
      ['rows.1.city', ''],
      ['budget.amount', '3040.00'],
      ['budget.currency', 'USD'],
    ]);
  });

  test('leaves boxes out that are not ticked, and sends what was there where nothing is said', () => {
    const form = formIn(page);
    const sent = Object.fromEntries(form ? fillIn(form, { agreed: false, name: undefined }) : []);
    expect(sent).toMatchObject({ round: '2', name: 'Müller & Söhne', goals: '', kind: 'a' });
    expect(Object.keys(sent)).not.toContain('agreed');
    expect(Object.keys(sent)).not.toContain('decision');
  });

  test('takes no answer that the page has no field for', () => {
    const form = formIn(page);
    expect(() => form && fillIn(form, { colour: 'red', rows: [{}, {}, { city: 'x' }] })).toThrow(
      'the page has no field for colour, rows.2.city.',
    );
  });

  test('is not found on a page that only tells', () => {
    expect(formIn('<p>Thank you. <form method="get" action="/search"><input name="q"></form></p>')).toBeUndefined();
  });
});

const writing = { locale: 'en-US', currency: 'USD' };

const forms = Object.keys(products).flatMap((product) =>
  workflowFor(product).stages.flatMap((stage) => (stage.gate === 'form' ? [{ product, stage, key: stage.key }] : [])),
);

describe('the form of each product', () => {
  test.each(forms)('$product, $key, can be answered on its page, and is shown as it was answered', ({ stage }) => {
    const fields = fieldsOf(stage.exit!);
    const posting = (values: Record<string, unknown>) =>
      formIn(`<form method="post">${renderFields(fields, { values, errors: [], flags: [], writing }).markup}</form>`);
    const form = posting({});
    const posted = Object.fromEntries(form ? fillIn(form, exampleOf(stage)) : []);
    const answers = stage.exit?.parse(readForm(fields, posted).answers);
    expect(answers).toMatchObject(stage.exit!.parse(exampleOf(stage)));
    const again = renderFields(fields, { values: answers ?? {}, errors: [], flags: [], writing }).markup;
    expect(again).not.toContain('[object Object]');
  });
});
