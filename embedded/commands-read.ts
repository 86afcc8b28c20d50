/** find, getMore, killCursors, count, distinct and explain. */

import { leadingQuery } from './aggregate.ts';
import { type Doc, decode, encode, isPlain } from './codec.ts';
import { type Command, collectionOf, namespaceOf, type Request } from './command.ts';
import { killCursors, openCursor, readCursor } from './cursors.ts';
import { CommandError, unsupported } from './errors.ts';
import { encodeKey } from './keys.ts';
import { evaluateLet } from './operators.ts';
import type { Plan } from './planner.ts';
import { valuesAt } from './predicates.ts';
import { compileProjection } from './projection.ts';
import { find, planOf, type Query, queryFor } from './query.ts';
import { sortPairs } from './sort.ts';
import type { Reply } from './wire.ts';

const FIND =
  'filter sort projection hint skip limit batchSize singleBatch allowDiskUse let collation noCursorTimeout allowPartialResults returnKey showRecordId min max tailable awaitData oplogReplay';

export const READ_COMMANDS: Record<string, Command> = {
  find: { fields: FIND, run: runFind },
  getMore: { fields: 'collection batchSize', run: getMore },
  killCursors: {
    fields: 'cursors',
    run: ({ server, command }) => killCursors(server.cursors, command['cursors'] as unknown[]),
  },
  count: { fields: 'query limit skip hint collation fields', run: count },
  distinct: { fields: 'key query hint collation', run: distinct },
  explain: { fields: 'verbosity', run: explain },
};

function runFind(request: Request): Reply {
  const { command, server, store } = request;
  const { ns } = namespaceOf(request);
  for (const field of ['tailable', 'awaitData', 'returnKey', 'showRecordId', 'min', 'max']) {
    if (command[field]) throw unsupported(`find with ${field}`, 2);
  }
  const query = findQuery(command);
  const project = compileProjection(command['projection'], query.filter.condition, evaluateLet(command['let']));
  const found = find(store, collectionOf(request), query);
  const documents = mapped(found, (one) => (project ? encode(project(one.doc)) : one.raw));
  const negative = Number(command['limit'] ?? 0) < 0;
  return openCursor(server.cursors, {
    ns,
    documents,
    batchSize: command['batchSize'] as number | undefined,
    single: negative || Boolean(command['singleBatch']),
  });
}

function findQuery(command: Doc): Query {
  const [skip, limit] = [amount(command, 'skip'), Math.abs(amount(command, 'limit', true))];
  const sort = command['sort'];
  if (sort !== undefined && !isPlain(sort)) throw new CommandError(14, 'sort must be an object');
  for (const [path, way] of Object.entries(sort ?? {})) {
    if (way !== 1 && way !== -1)
      throw new CommandError(isPlain(way) ? 2 : 15975, `Invalid sort order of '${path}': it must be 1 or -1`);
  }
  return queryFor(command['filter'], {
    sort: sortPairs(sort),
    skip,
    limit,
    hint: command['hint'],
    variables: evaluateLet(command['let']),
  });
}

function amount(command: Doc, field: string, negative = false): number {
  const value = command[field] ?? 0;
  if (typeof value !== 'number') throw new CommandError(14, `${field} must be a number`);
  if (value < 0 && !negative)
    throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${value}'`);
  return Math.trunc(value);
}

function getMore({ server, db, command }: Request): Reply {
  const ns = `${db}.${String(command['collection'])}`;
  return readCursor(server.cursors, {
    id: Number(command['getMore']),
    ns,
    batchSize: command['batchSize'] as number | undefined,
  });
}

function count(request: Request): Reply {
  const { command, store } = request;
  const collection = collectionOf(request);
  const query = { ...findQuery({ ...command, filter: command['query'] ?? {} }), sort: [] };
  const everything = Object.keys(query.filter.condition).length === 0;
  let n = 0;
  if (everything) {
    n = Math.max(0, (collection?.count ?? 0) - query.skip);
    if (query.limit > 0) n = Math.min(n, query.limit);
  } else for (const _ of find(store, collection, query)) n++;
  return { n, ok: 1 };
}

function distinct(request: Request): Reply {
  const { command, store } = request;
  const path = command['key'];
  if (typeof path !== 'string') throw new CommandError(14, 'distinct needs a key');
  const query = queryFor(command['query'] ?? {}, { hint: command['hint'] });
  const values = new Map<string, { key: Buffer; value: unknown }>();
  for (const { doc } of find(store, collectionOf(request), query)) {
    const reached = valuesAt(doc, path);
    const arrays = reached.filter(Array.isArray);
    for (const value of reached) {
      if (value === undefined || arrays.includes(value as never)) continue;
      const key = encodeKey(value);
      values.set(key.toString('latin1'), { key, value });
    }
  }
  const sorted = [...values.values()].sort((a, b) => Buffer.compare(a.key, b.key));
  return { values: sorted.map(({ value }) => value), ok: 1 };
}

function explain(request: Request): Reply {
  const inner = request.command['explain'];
  if (!isPlain(inner)) throw new CommandError(14, 'explain needs a command');
  const name = Object.keys(inner)[0] ?? '';
  const asked = { ...request, name, command: inner };
  const query = explained(asked);
  const collection = collectionOf(asked);
  const plan = collection && planOf(request.store, collection, query);
  const queryPlanner = {
    namespace: namespaceOf(asked).ns,
    parsedQuery: encodable(query.filter.condition),
    winningPlan: plan ? describePlan(plan, query) : { stage: 'EOF' },
    rejectedPlans: [],
  };
  const base = { explainVersion: '1', queryPlanner, command: inner, serverInfo: { version: 'embedded' }, ok: 1 };
  if (request.command['verbosity'] === 'queryPlanner') return base;
  const counts = { keys: 0, docs: 0 };
  let nReturned = 0;
  for (const _ of find(request.store, collection, query, counts)) nReturned++;
  const executionStats = {
    executionSuccess: true,
    nReturned,
    totalKeysExamined: counts.keys,
    totalDocsExamined: counts.docs,
  };
  return { ...base, executionStats };
}

function explained({ name, command }: Request): Query {
  if (name === 'find') return findQuery(command);
  if (name === 'count' || name === 'distinct') return queryFor(command['query'], { hint: command['hint'] });
  if (name === 'aggregate') return leadingQuery(command['pipeline'] as Doc[], command).query;
  throw unsupported(`explain of ${name}`, 59);
}

function describePlan(plan: Plan, { sort, filter }: Query): Doc {
  const reading = plan.index
    ? {
        stage: 'FETCH',
        filter: encodable(filter.condition),
        inputStage: {
          stage: 'IXSCAN',
          keyPattern: plan.index.spec['key'],
          indexName: plan.index.name,
          isMultiKey: plan.index.multikey,
          isUnique: plan.index.unique,
          isSparse: plan.index.sparse,
          isPartial: Boolean(plan.index.partial),
          direction: plan.ranges[0]?.reverse ? 'backward' : 'forward',
          ranges: plan.ranges.length,
        },
      }
    : { stage: 'COLLSCAN', filter: encodable(filter.condition), direction: 'forward' };
  return plan.sorted ? reading : { stage: 'SORT', sortPattern: Object.fromEntries(sort), inputStage: reading };
}

function encodable(condition: Doc): Doc {
  return decode(encode(condition));
}

function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): Generator<U> {
  for (const item of items) yield change(item);
}
