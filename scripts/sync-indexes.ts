/** The release step: makes the collections and the indexes that the models declare. Run before a new version starts. */
import { openModels, syncIndexes } from '../models/open.ts';
import { readConfig } from '../runtime/config.ts';
import { connectMongo } from '../runtime/mongo.ts';

const connection = await connectMongo(readConfig().mongoUri, { waitMs: 30_000 });
await syncIndexes(openModels(connection));
await connection.close();
process.stderr.write('Collections and indexes are as the models declare.\n');
