/**
 * aggregate: what a pipeline begins with ($match, $sort, $limit) runs on the indexes, the rest is mingo's. What reads
 * whole collections is bounded in bytes.
 */
import { Aggregator } from 'mingo/aggregator';
import { type Doc, encode, isPlain } from './codec.ts';
import { type Command, namespaceOf, type Request } from './command.ts';
import { openCursor } from './cursors.ts';
import { tick } from './deadline.ts';
import { CommandError, unsupported } from './errors.ts';
import { fromWire, prepareFilter } from './filter.ts';
import { evaluateLet, optionsOf } from './operators.ts';
import { find, type Query, queryFor } from './query.ts';
import { sortPairs } from './sort.ts';
import { amount, STAGES } from './stages.ts';
import type { Reply } from './wire.ts';

const MEMORY = 256 * 1024 * 1024;

export const AGGREGATE_COMMANDS: Record<string, Command> = {
  aggregate: {
    fields: 'pipeline cursor allowDiskUse let hint collation explain bypassDocumentValidation',
    run: aggregate,
  },
};

function aggregate(request: Request): Reply {
  const { command, server } = request;
  const pipeline = command['pipeline'];
  if (!Array.isArray(pipeline))
    throw new CommandError(14, "A pipeline must be an array of objects, 'pipeline' must be specified as an array");
  if (command['explain']) throw new CommandError(72, 'aggregate with explain: use the explain command');
  if (!isPlain(command['cursor']))
    throw new CommandError(9, "The 'cursor' option is required, except for aggregate with the explain argument");
  const documents = aggregateDocuments(
    request,
    pipeline.map((stage) => prepareStage(stage)),
  );
  const { ns } = namespaceOf(request);
  const batchSize = command['cursor']['batchSize'] as number | undefined;
  return openCursor(server.cursors, { ns, documents: encoded(documents), batchSize });
}

function* encoded(documents: Iterable<Doc>): Generator<Buffer> {
  for (const document of documents) yield encode(document);
}

function* aggregateDocuments(request: Request, stages: Doc[]): Generator<Doc> {
  const { store, command } = request;
  const collection = store.collections.get(namespaceOf(request).ns);
  const { query, rest } = leadingQuery(stages, command);
  const counted = countOnly(rest);
  if (counted) {
    let n = 0;
    if (Object.keys(query.filter.condition).length === 0 && !query.limit && !query.skip) n = collection?.count ?? 0;
    else for (const _ of find(store, collection, query)) n++;
    if (n > 0) yield counted(n);
    return;
  }
  const read = (name: string) => [...bounded(request, name, queryFor({}))];
  const variables = evaluateLet(command['let']);
  const source = bounded(request, collection?.name ?? '', query, rest.some(holds));
  if (rest.length === 0) return yield* source;
  const options = optionsOf({ variables, collectionResolver: read });
  const result = new Aggregator(rest, options).stream(source);
  for (let item = result.next(); !item.done; item = result.next()) {
    tick();
    yield item.value as Doc;
  }
}

/** The part of a pipeline that a find could do, and what is left of it. */
export function leadingQuery(stages: Doc[], command: Doc): { query: Query; rest: Doc[] } {
  let [filter, at]: [Doc, number] = [{}, 0];
  for (; stages[at] && '$match' in (stages[at] as Doc); at++) {
    const match = (stages[at] as Doc)['$match'] as Doc;
    filter = Object.keys(filter).length > 0 ? { $and: [filter, match] } : match;
  }
  const query = queryFor(filter, { hint: command['hint'], variables: evaluateLet(command['let']) });
  if (isPlain(stages[at]?.['$sort'])) query.sort = sortPairs(stages[at++]?.['$sort']);
  if ('$skip' in (stages[at] ?? {})) query.skip = amount('$skip', stages[at++]?.['$skip'], 0);
  if ('$limit' in (stages[at] ?? {})) query.limit = amount('$limit', stages[at++]?.['$limit'], 1);
  return { query, rest: stages.slice(at) };
}

/** The shape that countDocuments sends, which needs no document to be kept. */
function countOnly(rest: Doc[]): ((n: number) => Doc) | undefined {
  const [stage] = rest;
  if (rest.length !== 1 || !stage) return undefined;
  if (typeof stage['$count'] === 'string') return (n) => ({ [String(stage['$count'])]: n });
  const group = stage['$group'];
  if (!isPlain(group) || isPlain(group['_id']) || String(group['_id']).startsWith('$')) return undefined;
  const [name, second] = Object.keys(group).filter((key) => key !== '_id');
  const sum = isPlain(group[name ?? '']) ? (group[name ?? ''] as Doc) : {};
  return name && !second && sum['$sum'] === 1 ? (n) => ({ _id: group['_id'], [name]: n }) : undefined;
}

function holds(stage: Doc): boolean {
  return ['$group', '$sort', '$facet', '$sortByCount'].some((name) => name in stage);
}

function* bounded({ store, db }: Request, name: string, query: Query, holding = true): Generator<Doc> {
  let bytes = 0;
  for (const { doc, raw } of find(store, store.collections.get(`${db}.${name}`), query)) {
    bytes += raw.length;
    if (holding && bytes > MEMORY)
      throw new CommandError(292, `The aggregation holds more than ${MEMORY} bytes in memory.`);
    yield doc;
  }
}

function prepareStage(stage: unknown): Doc {
  const names = isPlain(stage) ? Object.keys(stage) : [];
  const [name] = names;
  if (!isPlain(stage) || !name || names.length > 1) {
    throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  if (!Object.hasOwn(STAGES, name)) throw unsupported(`The stage ${name}`, 40324);
  const body = fromWire(stage[name]);
  if (name === '$match') return { $match: matchBody(body) };
  if (name === '$facet' && isPlain(body)) return { $facet: mapValues(body, (inner) => prepareAll(inner)) };
  if (isPlain(body) && Array.isArray(body['pipeline']))
    return { [name]: { ...body, pipeline: prepareAll(body['pipeline']) } };
  return { [name]: body };
}

function matchBody(body: unknown): Doc {
  if (!isPlain(body)) throw new CommandError(15959, 'the match filter must be an expression in an object');
  return prepareFilter(body);
}

function prepareAll(stages: unknown): Doc[] {
  if (!Array.isArray(stages)) throw new CommandError(14, 'A pipeline must be an array of objects');
  return stages.map((stage) => prepareStage(stage));
}

function mapValues(doc: Doc, change: (value: unknown) => unknown): Doc {
  return Object.fromEntries(Object.entries(doc).map(([key, value]) => [key, change(value)]));
}
