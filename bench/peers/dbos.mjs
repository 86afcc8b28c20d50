/** DBOS: an order is a workflow, each stage a step that moves it and a step for its effect; a hundred at a time. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { answer, stages } from './contestant.ts';
import { move, openOrders } from './postgres.mjs';

const concurrency = 100;
const pools = 20;

await answer(async ({ postgresUri }, ledger) => {
  const { pool, put, faults } = await openOrders(postgresUri, pools);
  const system = { systemDatabaseUrl: postgresUri, systemDatabasePoolSize: pools };
  DBOS.setConfig({ name: 'bench', ...system, logLevel: 'error' });
  const runOrder = DBOS.registerWorkflow(
    async (n) => {
      for (let stage = 1; stage <= stages; stage += 1) {
        await DBOS.runStep(async () => void (await move(pool, { n, stage })), { name: 'move' });
        await DBOS.runStep(async () => ledger.consume(n, stage), { name: 'effect' });
      }
    },
    { name: 'order' },
  );
  await DBOS.launch();
  const waiting = [];
  const running = [];

  async function begin(n) {
    const handle = await DBOS.startWorkflow(runOrder, { workflowID: `order-${n}` })(n);
    await handle.getResult();
  }

  async function repeat() {
    for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) await begin(n);
  }

  return {
    async put(from, to) {
      await put(from, to);
      waiting.push(...Array.from({ length: to - from }, (_, index) => from + index));
      if (running.length > 0) running.push(repeat());
    },
    async start() {
      for (let place = 0; place < concurrency; place += 1) running.push(repeat());
    },
    async isOver() {
      await Promise.all(running);
      return true;
    },
    faults,
    async stop() {
      await Promise.all(running);
      await DBOS.shutdown();
      await pool.end();
    },
  };
});
