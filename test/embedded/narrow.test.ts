/** What is answered from the bytes is what would be answered from the whole document, for thousands of random ones. */
import { Binary, BSONRegExp, Code, Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import { type Doc, decode, encode } from '../../embedded/codec.ts';
import { compileFilter } from '../../embedded/filter.ts';
import { narrow, projectionOfBytes } from '../../embedded/narrow.ts';
import { compileProjection } from '../../embedded/projection.ts';
import { randomFrom, someDocument, someIndex, someQuery } from './fuzz/arbitrary.ts';

const strange: Doc = {
  ...{ binary: new Binary(Buffer.from([0, 1, 0])), id: new ObjectId(), long: Long.fromString('9007199254740993') },
  ...{ double: new Double(3), decimal: Decimal128.fromString('1.5'), stamp: new Timestamp({ t: 1, i: 2 }) },
  ...{ 'ä€': { ö: 1 }, empty: {}, list: [1, 'two', { three: [3] }, null, 5] },
};

describe('a document cut down as bytes', () => {
  test('meets a filter exactly when the whole one does', () => {
    const random = randomFrom(3);
    let cut = 0;
    for (let n = 0; n < 20_000; n += 1) {
      const raw = encode({ ...strange, ...someDocument(random, n, 2) });
      const { condition, fields, test: meets } = compileFilter(someQuery(random, [someIndex(random)]).filter);
      const part = fields && narrow(raw, fields);
      if (!part) continue;
      cut += 1;
      expect(meets(decode(part)), JSON.stringify(condition)).toBe(meets(decode(raw)));
    }
    expect(cut).toBeGreaterThan(10_000);
  });

  test.each<[Doc]>([
    [{ list: { $slice: -2 }, a: 0 }],
    [{ list: { $slice: 2 } }],
    [{ list: { $slice: -9 }, _id: 0 }],
    [{ empty: { $slice: 1 }, binary: 0, double: 0 }],
    [{ _id: 1 }],
    [{ _id: 0, list: 1, long: 1, nothing: 1 }],
    [{ 'ä€': 1 }],
    [{ 'ä€': 0, _id: 1 }],
  ])('has the fields that %j asks for', (projection) => {
    const raw = encode({ _id: 1, ...strange });
    const shortened = projectionOfBytes(projection)?.(raw);
    expect(decode(shortened as Buffer)).toEqual(compileProjection(projection, {})?.(decode(raw)));
    expect(Object.keys(decode(shortened as Buffer))).toEqual(
      Object.keys(compileProjection(projection, {})?.(decode(raw)) ?? {}),
    );
  });

  test('keeps an int64 and a whole double what they are', () => {
    const bytes = projectionOfBytes({ double: 1, long: 1, _id: 0 })?.(encode(strange)) as Buffer;
    expect(bytes.equals(encode({ long: strange['long'], double: strange['double'] }))).toBe(true);
  });

  test('counts the elements of a shortened array from zero', () => {
    const bytes = projectionOfBytes({ list: { $slice: -2 }, _id: 0 })?.(encode({ _id: 1, list: [1, 2, 3] })) as Buffer;
    expect(bytes.equals(encode({ list: [2, 3] }))).toBe(true);
  });

  test.each<[Doc]>([
    [{ 'a.x': 1 }],
    [{ a: 1, b: 0 }],
    [{ list: { $slice: [1, 2] } }],
    [{ a: { $elemMatch: { x: 1 } } }],
  ])('is left to the decoder under %j', (projection) => {
    expect(projectionOfBytes(projection)).toBeUndefined();
  });

  test('is left to the decoder where a field cannot be stepped over, or an expression may look anywhere', () => {
    const odd = encode({ _id: 1, code: new Code('x', { y: 1 }), pattern: new BSONRegExp('a', 'i') });
    expect(projectionOfBytes({ code: 0 })?.(odd)).toBeUndefined();
    expect(narrow(odd, new Map([['_id', true]]))).toBeUndefined();
    expect(compileFilter({ $expr: { $eq: ['$a', 1] } }).fields).toBeUndefined();
  });
});
