/**
 * Watches the driver's own watch over the database. A question that it writes to a connection that is just closing is
 * never answered and never fails (driver 7.8 waits for the socket to drain): it would ask no more, and this process would
 * not find the database again. When nothing was heard for longer than any such question may take, it begins anew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mongoose';

const tick = () => delay(1_000, undefined, { ref: false });

/**
 * Watches until the connection is closed. `mostSilent`: seconds without a word of a server, counted in turns of this
 * process: it may itself have been held still. Who holds a collection of the connection notices an outage, no more.
 */
export async function watchHeartbeat(connection: Connection, mostSilent: number): Promise<void> {
  const client = connection.getClient();
  const silent = new Map<string, number>();
  const heard = ({ connectionId }: { connectionId: string }) => void silent.set(connectionId, 0);
  client.on('serverHeartbeatStarted', heard);
  client.on('serverHeartbeatSucceeded', heard);
  client.on('serverHeartbeatFailed', heard);
  client.on('serverClosed', ({ address }) => silent.delete(address));

  let isOpen = true;
  connection.once('close', () => {
    isOpen = false;
  });
  while (isOpen) {
    await tick();
    for (const [address, ticks] of silent) silent.set(address, ticks + 1);
    if (isOpen && Math.max(0, ...silent.values()) >= mostSilent) {
      await client.close();
      while (isOpen && !(await connects(client))) await tick();
      if (!isOpen) await client.close();
    }
  }
}

/** The same client with a pool and a watch that are new. */
const connects = (client: ReturnType<Connection['getClient']>): Promise<boolean> =>
  client.connect().then(
    () => true,
    () => false,
  );
