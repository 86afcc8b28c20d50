import { expect, test } from 'vitest';
import { parseUrl } from '../../kernel/urls.ts';

test('an address with other letters is one however often it is asked', () => {
  for (let round = 0; round < 20_000; round += 1) {
    if (parseUrl('https://bücher.de/')?.hostname !== 'xn--bcher-kva.de') throw new Error(`not in round ${round}`);
  }
  expect(parseUrl('no address')).toBeUndefined();
  expect(parseUrl('../b', 'https://bücher.de/a/c')?.pathname).toBe('/b');
});
