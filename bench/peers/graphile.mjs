/** graphile-worker: a stage, the job for its effect and the job for the next stage in one transaction. */
import { Logger, run, runMigrations } from 'graphile-worker';
import { answer, stages } from './contestant.ts';
import { move, openOrders } from './postgres.mjs';

const concurrency = 100;

await answer(async ({ postgresUri }, ledger) => {
  const { pool, put, faults } = await openOrders(postgresUri);
  await runMigrations({ pgPool: pool });
  let runner;

  async function moveOrder(payload, helpers) {
    await helpers.withPgClient(async (client) => {
      await client.query('BEGIN');
      try {
        await move(client, payload);
        await addJob(client, 'effect', payload);
        if (payload.stage < stages) await addJob(client, 'move', { n: payload.n, stage: payload.stage + 1 });
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    });
  }

  return {
    async put(from, to) {
      await put(from, to);
      const jobs = `SELECT graphile_worker.add_job('move', json_build_object('n', n, 'stage', 1))`;
      await pool.query(`${jobs} FROM generate_series($1::int, $2::int - 1) AS n`, [from, to]);
    },
    async start() {
      const effect = async ({ n, stage }) => ledger.consume(n, stage);
      const taskList = { move: moveOrder, effect };
      const logger = new Logger(() => () => undefined);
      runner = await run({ pgPool: pool, concurrency, taskList, noHandleSignals: true, logger });
    },
    async isOver() {
      const { rows } = await pool.query('SELECT 1 FROM graphile_worker._private_jobs LIMIT 1');
      return rows.length === 0;
    },
    faults,
    async stop() {
      await runner.stop();
      await pool.end();
    },
  };
});

function addJob(client, task, payload) {
  return client.query('SELECT graphile_worker.add_job($1::text, $2::json)', [task, JSON.stringify(payload)]);
}
