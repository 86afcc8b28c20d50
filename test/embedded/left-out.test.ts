/** What MongoDB has and the embedded server leaves out is refused by its name, and nothing is changed by the attempt. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decimal128 } from 'bson';
import { type Document, MongoClient, MongoServerError } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { startEmbedded } from '../../embedded/start.ts';

let client: MongoClient;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'left-out-'));
  const server = await startEmbedded({ dir, sync: false });
  client = new MongoClient(server.uri);
  await docs().insertOne({ _id: 1, a: 1, list: [1] } as never);
  await db().createCollection('out');
  return async () => {
    await client.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
});

const db = () => client.db('left_out');
const docs = () => db().collection('docs');

async function refusal(run: () => Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MongoServerError)) throw new Error(`Not refused: ${String(error)}`);
  expect(await db().collection('out').countDocuments()).toBe(0);
  expect(await docs().find().toArray()).toEqual([{ _id: 1, a: 1, list: [1] }]);
  return { code: error.code, message: error.message };
}

const lacking = (name: string) => expect.stringContaining(`${name} isn't supported by the embedded server`);
const one = { _id: 1 } as never;

describe('a stage', () => {
  const stages: Document[] = [
    ...[{ $out: 'out' }, { $merge: 'out' }, { $sample: { size: 1 } }, { $bucketAuto: { groupBy: '$a', buckets: 1 } }],
    ...[{ $densify: { field: 'a', range: { step: 1, bounds: 'full' } } }, { $setWindowFields: { output: {} } }],
    ...[{ $unionWith: 'out' }, { $graphLookup: {} }, { $bucket: {} }, { $fill: {} }, { $redact: '$$KEEP' }],
    ...[{ $geoNear: {} }, { $search: {} }, { $collStats: {} }, { $indexStats: {} }, { $listLocalSessions: {} }],
    ...[{ $documents: [] }, { $changeStream: {} }, { $nonsense: {} }],
  ];
  test.each(stages.map((stage) => [Object.keys(stage)[0] ?? '', stage] as const))(
    '%s is refused',
    async (name, stage) => {
      const refused = { code: 40324, message: lacking(`The stage ${name}`) };
      expect(await refusal(() => docs().aggregate([stage]).toArray())).toEqual(refused);
      expect(
        await refusal(() =>
          docs()
            .aggregate([{ $facet: { a: [stage] } }])
            .toArray(),
        ),
      ).toEqual(refused);
    },
  );
});

describe('an expression', () => {
  const match = { input: 'x', regex: '^(x+)+$' };
  const expressions: Document[] = [
    ...[{ $regexMatch: match }, { $regexFind: match }, { $regexFindAll: match }],
    ...[{ $dateFromString: { dateString: '2026' } }, { $function: { body: 'f', args: [], lang: 'js' } }],
  ];
  test.each(expressions.map((expression) => [Object.keys(expression)[0] ?? '', expression] as const))(
    '%s is refused',
    async (name, expression) => {
      const refused = { code: 168, message: lacking(name) };
      expect(
        await refusal(() =>
          docs()
            .aggregate([{ $project: { n: expression } }])
            .toArray(),
        ),
      ).toEqual(refused);
      expect(await refusal(() => docs().find({ $expr: expression }).toArray())).toEqual(refused);
      expect(await refusal(() => docs().updateOne(one, [{ $set: { n: expression } }]))).toEqual(refused);
    },
  );
});

describe('an operator', () => {
  test.each(['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear', '$near', '$geoWithin'])(
    '%s of a filter is refused',
    async (name) => {
      const refused = await refusal(() =>
        docs()
          .find({ a: { [name]: 1 } })
          .toArray(),
      );
      expect(refused).toEqual({ code: 2, message: lacking(name) });
    },
  );

  test.each([
    ['$rename', 'b'],
    ['$bit', { or: 1 }],
    ['$currentDate', true],
  ])('%s of an update is refused', async (name, operand) => {
    const refused = await refusal(() => docs().updateOne(one, { [name]: { a: operand } }));
    expect(refused).toEqual({ code: 9, message: lacking(name) });
  });

  test.each(['$inc', '$mul'])('%s by a decimal is refused', async (name) => {
    const refused = await refusal(() => docs().updateOne(one, { [name]: { a: Decimal128.fromString('1.5') } }));
    expect(refused).toEqual({ code: 2, message: lacking('Arithmetic with decimals') });
  });
});

describe('a command', () => {
  test.each<Document>([
    ...[{ collMod: 'docs' }, { collStats: 'docs' }, { dbStats: 1 }, { connectionStatus: 1 }, { getParameter: '*' }],
    ...[{ mapReduce: 'docs' }, { validate: 'docs' }, { compact: 'docs' }],
  ])('%j is refused', async (command) => {
    const refused = { code: 59, message: lacking(`The command '${Object.keys(command)[0]}'`) };
    expect(await refusal(() => db().command(command))).toEqual(refused);
  });

  test('that renames a collection is refused', async () => {
    const refused = await refusal(() => db().renameCollection('docs', 'other'));
    expect(refused).toEqual({ code: 59, message: lacking("The command 'renameCollection'") });
  });

  test('that explains a write is refused', async () => {
    const refused = await refusal(() => db().command({ explain: { delete: 'docs', deletes: [{ q: {}, limit: 0 }] } }));
    expect(refused).toEqual({ code: 59, message: lacking('explain of delete') });
  });
});

test('what is left out is listed in the README', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../embedded/README.md'), 'utf8');
  const names = `renameCollection collMod collStats dbStats $out $merge $sample $bucketAuto $densify $setWindowFields
    $regexMatch $regexFind $regexFindAll $dateFromString $bitsAllSet $rename $bit $currentDate`.split(/\s+/);
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});
