/** A heartbeat of the driver that never ends, good or bad: the process finds the database again all the same. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, inject, onTestFinished, test } from 'vitest';
import { isOutage } from '../../models/outage.ts';
import { connectMongo } from '../../runtime/mongo.ts';
import { lineTo } from '../support/cut.ts';
import { eventually } from '../support/eventually.ts';

test('a heartbeat without an end is begun anew, and the database is found again', async () => {
  const opened: Socket[] = [];
  const note = (message: unknown) => void opened.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', note);
  onTestFinished(() => void unsubscribe('net.client.socket', note));
  const line = await lineTo(inject('mongoUri'));
  onTestFinished(() => line.close());
  const url = new URL(line.url);
  url.searchParams.set('serverMonitoringMode', 'poll');
  const connection = await connectMongo(url.href, { mostSilent: 2 });
  onTestFinished(() => connection.close());
  const ping = () => connection.db?.command({ ping: 1 });
  await ping();

  // The first connection to a server is that of the heartbeats.
  const heartbeats = opened.find(({ remotePort }) => remotePort === Number(url.port));
  let asked = 0;
  /** What a socket does that was closed a moment ago: it takes the bytes in, and says that it will drain. */
  const write = () => {
    asked += 1;
    return false;
  };
  Object.assign(heartbeats ?? {}, { write });
  await eventually(() => asked > 0);
  line.hold();
  await expect(ping()).rejects.toSatisfy(isOutage);
  line.cut();
  await expect(ping()).rejects.toSatisfy(isOutage);
  line.mend();

  expect(await eventually(ping)).toMatchObject({ ok: 1 });
  expect(asked).toBe(1);
});
