/** A process's ports, opened once: database, stores, producer connection, mailer, clock. It waits for MongoDB as long as it takes. */
import { seconds, systemClock } from '../../kernel/time.ts';
import { createMailer, type Mailer } from '../../mail/send.ts';
import { openModels } from '../../models/open.ts';
import { drafting } from '../../queues/contract.ts';
import { createNudger } from '../../queues/nudger.ts';
import { businessClock } from '../../runtime/business-clock.ts';
import type { Config } from '../../runtime/config.ts';
import { createDns } from '../../runtime/dns.ts';
import { connectWhenThere } from '../../runtime/entry.ts';
import { httpGuard } from '../../runtime/http-guard.ts';
import type { Log } from '../../runtime/log.ts';
import { mails } from '../../runtime/metrics.ts';
import { mustAgreeOnTime } from '../../runtime/mongo.ts';
import { connectProducer } from '../../runtime/redis.ts';
import type { Context } from './context.ts';

export async function openContext(config: Config, log: Log): Promise<{ context: Context; close: () => Promise<void> }> {
  const connection = await connectWhenThere(config, log, { waitMs: seconds(5) });
  drafting.parses = !config.production;
  await mustAgreeOnTime(connection, systemClock);
  const nudger = createNudger({ connection: connectProducer(config.redisUrl, log), prefix: config.redisPrefix });
  const mailer = counted(createMailer({ url: config.smtpUrl }));
  const { linkSecret, publicUrl } = config;
  const { outsideStandin: standin } = config;
  const outside = httpGuard({ allow: config.outsideAllow, ...(standin && { standin }) });
  const business = businessClock(config.businessClock, systemClock);
  const ports = { models: openModels(connection), nudger, mailer, clock: systemClock, business, log };
  const dns = createDns({ servers: config.dnsServers, standin });
  const context: Context = { ...ports, outside, dns, linkSecret, publicUrl };
  const close = async () => {
    mailer.close();
    await nudger.close();
    await connection.close();
  };
  return { context, close };
}

function counted(mailer: Mailer): Mailer {
  return {
    ...mailer,
    async deliver(...asked) {
      const delivery = await mailer.deliver(...asked);
      mails.inc({ result: delivery.status });
      return delivery;
    },
  };
}
