/** What the contestants on PostgreSQL have in common: a pool, the table of orders, and the look at it afterwards. */
import pg from 'pg';
import { stages } from './contestant.ts';

export async function openOrders(uri, max = 50) {
  const pool = new pg.Pool({ connectionString: uri, max });
  pool.on('error', () => undefined);
  const columns = `id int PRIMARY KEY, version int NOT NULL DEFAULT 0, stage int NOT NULL DEFAULT 0`;
  await pool.query(`CREATE TABLE orders (${columns}, history jsonb NOT NULL DEFAULT '[]')`);
  return {
    pool,

    put: (from, to) => pool.query('INSERT INTO orders (id) SELECT generate_series($1::int, $2::int - 1)', [from, to]),

    async faults(count) {
      const right = 'version = $1 AND stage = $1 AND jsonb_array_length(history) = $1';
      const { rows } = await pool.query(`SELECT count(*)::int AS moved FROM orders WHERE ${right}`, [stages]);
      const { moved } = rows[0];
      return moved === count ? [] : [`${moved} of ${count} orders are at stage ${stages} with ${stages} lines`];
    },
  };
}

/** One order, one stage: only from the stage before, so that a repetition changes nothing. */
export function move(client, { n, stage }) {
  const set = 'version = version + 1, stage = $2::int, history = history || $3::jsonb';
  const line = JSON.stringify([lineOf(stage)]);
  return client.query(`UPDATE orders SET ${set} WHERE id = $1 AND stage = $2::int - 1`, [n, stage, line]);
}

export const lineOf = (stage) => ({ at: new Date().toISOString(), actor: 'system', action: 'move', stage });
