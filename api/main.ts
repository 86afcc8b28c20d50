/** The web process: connects, listens, and leaves when told to, once the requests under way are answered. */
import { systemClock } from '../kernel/time.ts';
import { openModels } from '../models/open.ts';
import { drafting } from '../queues/contract.ts';
import { createNudger } from '../queues/nudger.ts';
import { businessClock } from '../runtime/business-clock.ts';
import { configOf, connectWhenThere, listenAt } from '../runtime/entry.ts';
import { createLog } from '../runtime/log.ts';
import { connectProducer } from '../runtime/redis.ts';
import { whenToldToStop } from '../runtime/shutdown.ts';
import { build } from './app.ts';
import { warnAtStart } from './http/proxy.ts';

const config = configOf('The API');
drafting.parses = !config.production;
const log = createLog('api', config.logLevel);
const connection = await connectWhenThere(config, log);
const { redisPrefix: prefix } = config;
const redis = connectProducer(config.redisUrl, log);
const nudger = createNudger({ connection: redis, prefix });
const app = await build({
  ...{ models: openModels(connection), nudger, clock: systemClock, log },
  business: businessClock(config.businessClock, systemClock),
  ...{ secret: config.linkSecret, trustProxy: config.trustProxy },
  ...{ board: { connection: redis, prefix }, counts: { connection: redis, prefix } },
  ...{ publicUrl: config.publicUrl },
});
warnAtStart(config, log);

const { host, port } = config;
const address = await listenAt({ host, port, variable: 'PORT' }, () => app.listen({ host, port }));
log.info(`listening ${address}`);

whenToldToStop(log, async () => {
  await app.close();
  await nudger.close();
  await connection.close();
});
