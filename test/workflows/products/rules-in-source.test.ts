/** No rule is written without a case: what the product files and their validators can refuse is read from their source. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cases, refusedBy } from './cases.ts';

const all = Object.values(cases).flatMap((some) => some.flatMap(refusedBy));

describe('every rule', () => {
  test.each(sourcesOf('products').filter(({ text }) => / rule\(|fault\(|\.refine\(/.test(text)))(
    'code in $name is refused under its field',
    ({ name, text }) => {
      const product = /product: '(\w+)'/.exec(text)?.[1];
      if (product === undefined) return expect(name).toBe('exit.ts');
      const told = (cases[product] ?? []).flatMap(refusedBy);
      const missing = codesIn(text).filter((code) => !told.some((one) => code.test(one)));
      expect(missing).toEqual([]);
    },
  );

  test.each(sourcesOf('validators'))('code in $name is refused in some product', ({ text }) => {
    const codes = [...text.matchAll(/rule: '(\w+)'/g)].map(([, code]) => code);
    const told = [...all, ...elsewhere];
    expect(codes.filter((code) => !told.some((one) => one.endsWith(` ${code}`)))).toEqual([]);
  });
});

/** Told in `validators.test.ts`: opening hours that run into each other. */
const elsewhere = ['/monday overlap'];

function sourcesOf(room: string): { name: string; text: string }[] {
  const folder = join(import.meta.dirname, '../../../workflows', room);
  return readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** What each `fault(pointer, code, …)` of a product file refuses, as a pattern of `pointer code`. */
function codesIn(text: string): RegExp[] {
  const faults = [...text.matchAll(/fault\(\s*(`[^`]*`|'[^']*'|\w+),\s*'(\w+)'/g)].map(([, pointer = '', code]) => {
    const path = /^[`']/.test(pointer) ? pointer.slice(1, -1).replace(/\$\{[^}]*\}/g, '[^/]+') : '.*';
    return new RegExp(`^${path} ${code}$`);
  });
  expect(faults).toHaveLength(text.match(/\bfault\(/g)?.length ?? 0);
  return /\.refine\(/.test(text) ? [...faults, / not_valid$/] : faults;
}
