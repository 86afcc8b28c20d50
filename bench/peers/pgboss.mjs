/** pg-boss, fifty jobs a transaction: their orders moved, the jobs for effects and next stages added, these completed. */
import { setTimeout as wait } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { answer, stages } from './contestant.ts';
import { lineOf, openOrders } from './postgres.mjs';

const batchSize = 50;
const loops = 2;
const idle = 5;

await answer(async ({ postgresUri }, ledger) => {
  const { pool, put, faults } = await openOrders(postgresUri);
  const boss = new PgBoss({ connectionString: postgresUri, max: 10, supervise: false, schedule: false });
  boss.on('error', () => undefined);
  await boss.start();
  for (const name of ['move', 'effect']) await boss.createQueue(name);
  let stopped = false;
  const running = [];

  async function consumeSome() {
    const jobs = await boss.fetch('effect', { batchSize });
    for (const { data } of jobs) ledger.consume(data.n, data.stage);
    if (jobs.length > 0) await boss.complete('effect', idsOf(jobs));
    return jobs.length;
  }

  async function repeat(act) {
    while (!stopped) if ((await act()) === 0) await wait(idle);
  }

  return {
    async put(from, to) {
      await put(from, to);
      const numbers = Array.from({ length: to - from }, (_, index) => from + index);
      await boss.insert(
        'move',
        numbers.map((n) => ({ data: { n, stage: 1 } })),
      );
    },
    async start() {
      for (let loop = 0; loop < loops; loop += 1)
        running.push(
          repeat(() => moveSome(boss, pool)),
          repeat(consumeSome),
        );
    },
    isOver: async () => true,
    faults,
    async stop() {
      stopped = true;
      await Promise.all(running);
      await boss.stop();
      await pool.end();
    },
  };
});

async function moveSome(boss, pool) {
  const client = await pool.connect();
  const db = { executeSql: (text, values) => client.query(text, values) };
  try {
    await client.query('BEGIN');
    const jobs = await boss.fetch('move', { batchSize, db });
    if (jobs.length > 0) await moveAll(jobs, { boss, client, db });
    await client.query('COMMIT');
    return jobs.length;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function moveAll(jobs, { boss, client, db }) {
  const moves = jobs.map(({ data }) => data);
  const of = (values) => JSON.stringify(values);
  await client.query(
    `UPDATE orders SET version = version + 1, stage = moved.stage, history = history || moved.line
     FROM jsonb_to_recordset($1::jsonb) AS moved (n int, stage int, line jsonb)
     WHERE id = moved.n AND orders.stage = moved.stage - 1`,
    [of(moves.map(({ n, stage }) => ({ n, stage, line: [lineOf(stage)] })))],
  );
  await boss.insert(
    'effect',
    moves.map((data) => ({ data })),
    { db },
  );
  const next = moves.filter(({ stage }) => stage < stages).map(({ n, stage }) => ({ data: { n, stage: stage + 1 } }));
  if (next.length > 0) await boss.insert('move', next, { db });
  await boss.complete('move', idsOf(jobs), null, { db });
}

function idsOf(jobs) {
  return jobs.map(({ id }) => id);
}
