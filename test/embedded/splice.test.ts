/** An update on bytes does what it does to the decoded document, byte for byte, and refuses what that refuses. */
import { BSONRegExp, Decimal128, Double, Long, ObjectId } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Doc, decode, decodeExact, encode } from '../../embedded/codec.ts';
import { splice } from '../../embedded/splice.ts';
import { compileUpdate } from '../../embedded/update.ts';

const name = fc.constantFrom('a', 'b', 'ä€', 'list', 'deep', 'other');
const path = fc.oneof(
  { weight: 4, arbitrary: name },
  fc.constantFrom('deep.x', 'deep.list', 'deep.y.z', 'list.0', 'list.2', 'a.b', '_id', 'ä€.ö', ''),
);
const leaf = fc.oneof(
  ...[fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.date({ noInvalidDate: true })],
  fc.constantFrom(Long.fromString('9007199254740993'), new Double(3), Decimal128.fromString('1.50'), new ObjectId()),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('any'), { maxLength: 12 }), tie('doc')),
  doc: fc.dictionary(fc.constantFrom('x', 'y', 'list', 'ö'), tie('any')),
})).any;
const items = fc.array(value, { maxLength: 3 });
const operand: Record<string, fc.Arbitrary<unknown>> = {
  ...{
    $set: value,
    $unset: fc.constant(''),
    $inc: fc.integer(),
    $min: leaf,
    $max: leaf,
    $addToSet: value,
    $pull: leaf,
  },
  $pop: fc.constantFrom(1, -1),
  $setOnInsert: value,
  $push: fc.oneof(
    value,
    fc.record({ $each: items }),
    fc.record({ $each: items, $slice: fc.integer({ min: -12, max: 4 }) }),
    fc.record({ $each: items, $position: fc.nat(3) }),
    fc.record({ $each: items, $sort: fc.constantFrom(1, -1) }),
  ),
};
const update = fc
  .uniqueArray(fc.constantFrom(...Object.keys(operand)), { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.record(
      Object.fromEntries(
        names.map((one) => [one, fc.dictionary(path, operand[one] ?? value, { minKeys: 1, maxKeys: 3 })]),
      ),
    ),
  );
const document = fc
  .dictionary(name, value, { maxKeys: 6 })
  .map((fields): Doc => ({ _id: 'one', list: [1, 2], ...fields }));

const attempted = (act: () => Buffer | undefined): Buffer | string | undefined => {
  try {
    return act();
  } catch (error) {
    return String(error);
  }
};

describe('an update on bytes', () => {
  test('leaves the same bytes as one on the decoded document, or the same refusal', () => {
    let spliced = 0;
    fc.assert(
      fc.property(document, update, (doc, operators) => {
        const before = encode(doc);
        const sent = decodeExact(encode(operators));
        const { apply, touching } = compileUpdate(sent);
        if (!touching) return;
        spliced += 1;
        const onBytes = attempted(() => splice(before, touching));
        expect(onBytes).toEqual(attempted(() => encode(apply(decodeExact(before), {}))));
      }),
      { numRuns: 3_000 },
    );
    expect(spliced).toBeGreaterThan(2_400);
  });

  const long = { _id: 1, list: Array.from({ length: 11 }, (_, n) => n), odd: new Double(4) };
  test.each<[string, object, unknown[]]>([
    ['one more', { $push: { list: 'x' } }, [...long.list, 'x']],
    ['as many as are kept', { $push: { list: { $each: ['x'], $slice: -12 } } }, [...long.list, 'x']],
    ['more than are kept', { $push: { list: { $each: ['x'], $slice: -11 } } }, [...long.list.slice(1), 'x']],
    ['none', { $push: { list: { $each: [] } } }, long.list],
  ])('pushes %s', (_, operators, list) => {
    const { touching } = compileUpdate(operators);
    const after = touching && splice(encode(long), touching);
    expect(after?.equals(encode({ ...long, list }))).toBe(true);
  });

  test('touches nothing else, though it could not be decoded and encoded unchanged', () => {
    const before = encode({ _id: 1, n: 1, odd: [new Double(4), Long.fromString('9007199254740993')] });
    const { touching } = compileUpdate({ $inc: { n: 1 } });
    const after = (touching && splice(before, touching)) as Buffer;
    expect(decode(after)).toEqual({ ...decode(before), n: 2 });
    expect(after.subarray(-30)).toEqual(before.subarray(-30));
  });

  test.each<[object]>([[{ $rename: { a: 'b' } }], [{ $set: { 'list.$': 1 } }], [{ $set: { 'list.$[]': 1 } }]])(
    'is left to the decoder under %j',
    (operators) => {
      expect(compileUpdate(operators).touching).toBeUndefined();
    },
  );

  test('is left to the decoder where a field cannot be stepped over', () => {
    const { touching } = compileUpdate({ $set: { a: 1 } });
    expect(touching && splice(encode({ _id: 1, pattern: new BSONRegExp('a') }), touching)).toBeUndefined();
  });
});
