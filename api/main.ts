/** The web process: connects, listens, and leaves when told to, once the requests under way are answered. */
import { setTimeout as wait } from 'node:timers/promises';
import { seconds, systemClock } from '../kernel/time.ts';
import { openModels } from '../models/open.ts';
import { createNudger } from '../queues/nudger.ts';
import { businessClock } from '../runtime/business-clock.ts';
import { readConfig } from '../runtime/config.ts';
import { createLog } from '../runtime/log.ts';
import { connectMongo } from '../runtime/mongo.ts';
import { connectProducer } from '../runtime/redis.ts';
import { whenToldToStop } from '../runtime/shutdown.ts';
import { build } from './app.ts';

const config = readConfig();
const log = createLog('api', config.logLevel);
const connection = await connectWhenThere();
const redis = connectProducer(config.redisUrl, log);
const nudger = createNudger({ connection: redis, prefix: config.redisPrefix });
const app = await build({
  ...{ models: openModels(connection), nudger, clock: systemClock, log },
  business: businessClock(config.businessClock, systemClock),
  ...{ secret: config.linkSecret, trustProxy: config.trustProxy },
  board: { connection: redis, prefix: config.redisPrefix },
});

log.info(`listening ${await app.listen({ host: config.host, port: config.port })}`);

whenToldToStop(log, async () => {
  await app.close();
  await nudger.close();
  await connection.close();
});

async function connectWhenThere(): ReturnType<typeof connectMongo> {
  for (;;) {
    try {
      return await connectMongo(config.mongoUri);
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'no database yet');
      await wait(seconds(1));
    }
  }
}
