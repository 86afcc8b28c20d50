/**
 * The indexes that the models declare beside those that are there. Making is safe; dropping is not, since an index that
 * nobody declared may be somebody's, and one that is declared differently is missed until it is made anew.
 */
import type { Connection, Model } from 'mongoose';

export interface IndexDifference {
  collection: string;
  /** The collection itself is not there yet. */
  isNew: boolean;
  /** Declared, and not there. */
  missing: string[];
  /** Declared, and there with other options: they must be dropped to be made. */
  changed: string[];
  /** There, and not declared. */
  undeclared: string[];
}

type Keys = Record<string, unknown>;

/** One entry for each collection where something differs. */
export async function indexDifferences(connection: Connection): Promise<IndexDifference[]> {
  const present = new Set((await connection.listCollections()).map(({ name }) => name));
  const models = Object.values(connection.models);
  const all = await Promise.all(models.map((model) => differenceOf(model, present.has(model.collection.name))));
  return all
    .filter(
      ({ isNew, missing, changed, undeclared }) => isNew || missing.length + changed.length + undeclared.length > 0,
    )
    .sort((one, other) => one.collection.localeCompare(other.collection));
}

async function differenceOf(model: Model<unknown>, isThere: boolean): Promise<IndexDifference> {
  const { name: collection } = model.collection;
  const declared = model.schema.indexes().map(([keys]) => nameOf(keys as Keys));
  if (!isThere) return { collection, isNew: true, missing: declared, changed: [], undeclared: [] };
  const { toDrop, toCreate } = await model.diffIndexes();
  const wanted = toCreate.map((keys: Keys) => nameOf(keys));
  return {
    ...{ collection, isNew: false, missing: wanted.filter((name: string) => !toDrop.includes(name)) },
    changed: wanted.filter((name: string) => toDrop.includes(name)),
    undeclared: toDrop.filter((name: string) => !wanted.includes(name)),
  };
}

/** As MongoDB names an index that was given no name. */
const nameOf = (keys: Keys): string =>
  Object.entries(keys)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');

/** Makes collections and indexes; what was dropped before is made anew. */
export async function makeIndexes(connection: Connection, differences: IndexDifference[]): Promise<void> {
  for (const model of modelsOf(connection, differences)) {
    await model.createCollection();
    await model.createIndexes();
  }
}

export async function dropIndexes(connection: Connection, differences: IndexDifference[]): Promise<void> {
  for (const { collection, changed, undeclared } of differences) {
    for (const name of [...changed, ...undeclared]) await connection.collection(collection).dropIndex(name);
  }
}

function modelsOf(connection: Connection, differences: IndexDifference[]): Model<unknown>[] {
  const names = new Set(differences.map(({ collection }) => collection));
  return Object.values(connection.models).filter((model) => names.has(model.collection.name));
}
