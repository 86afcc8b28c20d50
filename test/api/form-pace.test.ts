/** What is posted to the clients' forms: reading and judging it takes time in proportion to what was sent. */
import fc from 'fast-check';
import { test } from 'vitest';
import { fieldsOf } from '../../api/pages/fields.ts';
import { mostControls } from '../../api/pages/posted.ts';
import { readForm } from '../../api/pages/read-fields.ts';
import { products } from '../../workflows/index.ts';
import { mustGrowWithItsInput } from '../support/pace.ts';

const forms = Object.entries(products).flatMap(([product, [{ stages }]]) =>
  stages.flatMap(({ key, gate, exit }) =>
    gate === 'form' && exit ? [{ product, key, exit, fields: fieldsOf(exit) }] : [],
  ),
);

const names = [
  (n: number) => `service_area.include.${n}.kind`,
  (n: number) => `nap.address.${n}`,
  (n: number) => `keywords.${n}`,
  (n: number) => `x${n}`,
  (n: number) => `a.${n}.b.${n}.c`,
  (n: number) => 'y.'.repeat(1 + (n % 7)) + n,
];
const fragments = [
  'x',
  ' ',
  '\r',
  '\n',
  '.',
  ',',
  '1',
  '@',
  'a@',
  'http://',
  'www.',
  '0049',
  '\ud800',
  'ﬀ',
  'İ',
  '#',
  '\0',
];

test.each(forms)('the form of $product takes as long as it is', ({ exit, fields }) => {
  const posts = fc.record({
    name: fc.constantFrom(...names),
    text: fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
  });
  fc.assert(
    fc.property(posts, ({ name, text }) => {
      const read = (posted: Record<string, unknown>) => exit.safeParse(readForm(fields, posted).answers);
      const many = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, n) => [name(n), text]));
      const [few, most] = [many(mostControls / 4), many(mostControls)];
      mustGrowWithItsInput(
        () => read(few),
        () => read(most),
      );
      const long = (size: number) =>
        Object.fromEntries(Object.keys(fields.fields).map((one) => [one, text.repeat(size)]));
      const [short, longer] = [long(4_000), long(16_000)];
      mustGrowWithItsInput(
        () => read(short),
        () => read(longer),
      );
    }),
    { numRuns: 15 },
  );
});
