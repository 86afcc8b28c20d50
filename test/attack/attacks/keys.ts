/** One Idempotency-Key under many verbs: the first means what it says, every other one is refused. */
import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually.ts';
import type { Attack } from '../attack.ts';
import type { Stage } from '../stage.ts';

const label = { command: { type: 'set-priority', priority: 'high' } };

async function anOrder({ world }: Stage): Promise<string> {
  const { body } = await world.load.create({ title: 'Asked for by many verbs' });
  const { order } = body as { order: { id: string } };
  await eventually(() => world.models.orders.get(order.id), { within: 30_000 });
  return order.id;
}

/** Verbs of an order, each of which would be accepted by itself. */
const verbs = (order: string): [string, string, object?][] => [
  ['PUT', `/v1/admin/orders/${order}/labels`, label],
  ['PUT', `/v1/admin/orders/${order}/status`, { status: 'paused', reason: 'Asked.' }],
  ['PUT', `/v1/admin/orders/${order}`, { title: 'Another' }],
  [
    'PUT',
    `/v1/admin/orders/${order}/stage`,
    { action: 'override', override: 'complete', stage: 'intake', reason: 'x' },
  ],
  ['POST', '/v1/jobs', { order, command: { type: 'set-priority', priority: 'urgent' } }],
  ['POST', '/v1/bulk-operations', { agency: 'north', action: label.command, reason: 'Asked.', ids: [order] }],
  ['DELETE', `/v1/admin/orders/${order}?reason=asked`],
];

async function reuse(stage: Stage, first: number): Promise<string[]> {
  const key = randomUUID();
  const all = verbs(await anOrder(stage));
  const inTurn = [...all.slice(first), ...all.slice(0, first)];
  const wrong: string[] = [];
  for (const [n, [method, path, body]] of inTurn.entries()) {
    const { status, text } = await stage.ask({ method, path, body, headers: { 'idempotency-key': key } });
    const isRight = n === 0 ? status >= 200 && status < 300 : status === 422 && text.includes('key_reused');
    if (!isRight) wrong.push(`${method} ${path} as number ${n + 1} under one key: ${status} ${text.slice(0, 120)}`);
  }
  return wrong;
}

export const keysOfRepetition: Attack = {
  item: 9,
  name: 'keys of repetition',
  sends: 'one Idempotency-Key under seven verbs, beginning with each',
  async play(stage) {
    const wrong: string[] = [];
    for (let first = 0; first < verbs('').length; first += 1) wrong.push(...(await reuse(stage, first)));
    return wrong;
  },
};
