/**
 * How fast the whole audit is checked: orders with chained lines, as exports leave them, read beside their documents.
 * `--lines N` (1,000,000), `--json`.
 */
import { parseArgs } from 'node:util';
import { system } from '../kernel/actor.ts';
import { chain, genesis, type HistoryLine } from '../kernel/history.ts';
import type { Models } from '../models/open.ts';
import { checkAudit } from '../scripts/audit-check.ts';
import { openStage } from './stage.ts';

const linesEach = 50;
const ordersAtOnce = 40;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { lines: { type: 'string', default: '1000000' }, json: { type: 'boolean', default: false } },
  });
  const stage = await openStage();
  try {
    const orders = Math.ceil(Number(values.lines) / linesEach);
    for (let from = 0; from < orders; from += ordersAtOnce) {
      await write(stage.models, from, Math.min(from + ordersAtOnce, orders));
    }
    const begun = performance.now();
    const { lines, streams, faults } = await checkAudit(stage.models);
    const seconds = (performance.now() - begun) / 1_000;
    const figures = { lines, streams, faults: faults.length, seconds: Number(seconds.toFixed(1)) };
    const perSecond = Math.round(lines / seconds);
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ ...figures, perSecond })}\n`
        : `Database: ${stage.database}\n${lines} lines of ${streams} orders checked in ${figures.seconds} s: ${perSecond} lines/s\n`,
    );
  } finally {
    await stage.close();
  }
}

async function write({ audit, orders }: Models, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const written = numbers.map((number) => ({
    _id: `ord_${String(number).padStart(9, '0')}`,
    history: linesOf(number),
  }));
  const documents = written.map(({ _id, history }) => ({
    ...{ _id, version: linesEach, applied: [], history: [], outbox: [], exported: linesEach },
    ...{ head: history.at(-1)?.hash, agency: 'bench', account: 'bench', state: { product: 'bench' } },
  }));
  const lines = written.flatMap(({ _id, history }) =>
    history.map((line) => ({ ...line, _id: `${orders.streamOf(_id)}:${line.seq}`, stream: orders.streamOf(_id) })),
  );
  await orders.model.collection.insertMany(documents as never);
  await audit.model.collection.insertMany(lines as never);
}

function linesOf(number: number): HistoryLine[] {
  const lines: HistoryLine[] = [];
  for (let seq = 1; seq <= linesEach; seq += 1) {
    const entry = {
      ...{ at: new Date(1_700_000_000_000 + seq * 60_000), work: `work-${number}-${seq}`, actor: system },
      ...{ cause: 'worker' as const, action: 'complete-stage', outcome: 'done' as const },
      events: [
        { type: 'stage-completed', stage: `stage-${seq}`, round: 1, by: 'system', hash: genesis },
        { type: 'stage-entered', stage: `stage-${seq + 1}`, round: 1, status: 'ready', holder: 'fulfillment' },
      ],
    };
    lines.push(chain(entry, seq, lines.at(-1)?.hash ?? genesis));
  }
  return lines;
}
