/** Ids: natural ones are equal for equal things, and no text from outside becomes part of a job id. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashedId, hashOf, jobId, parseJobId } from '../../kernel/ids.ts';

const workId = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);

describe('a job id', () => {
  test('gives back the work id and the generation it was made of', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,12}$/), workId, fc.nat(999_999), (kind, id, generation) => {
        expect(parseJobId(jobId(kind, id, generation))).toEqual({ workId: id, generation });
      }),
    );
  });

  test.each(['a:b', 'x y', '{a}', '…', 'a'.repeat(130)])('is never made of "%s"', (id) => {
    expect(() => jobId('command', id, 1)).toThrow('cannot be a job id');
  });

  test('cannot equal one of the names BullMQ uses itself', () => {
    expect(jobId('command', 'wait', 1)).toBe('command-wait-1');
  });

  test.each(['wait', 'meta', '17', 'command-1', 'Repeat:x:1'])('is not read into "%s"', (id) => {
    expect(parseJobId(id)).toBeUndefined();
  });
});

describe('a hash', () => {
  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(hashOf(Object.fromEntries(Object.entries(value).reverse()))).toBe(hashOf(value));
      }),
    );
  });

  test('of parts keeps their borders', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a !== '' && b !== '');
        expect(hashedId(a, b)).not.toBe(hashedId(a + b, ''));
      }),
    );
  });
});
