/**
 * `main.ts [--seed S] [--queries N]` fuzzes the planner; with `--plant` it takes out each guard in a copy of the source
 * and expects to notice. Ends with 1 if anything is not as it should be; the seed is printed first.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz.ts';
import { PLANTED, type Planted } from './planted.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    queries: { type: 'string', default: '3000' },
    plant: { type: 'boolean', default: false },
  },
});
const asked = { seed: Number(values.seed), queries: Number(values.queries) };
console.log(`seed ${asked.seed}`);
process.exitCode = (await (values.plant ? plantAll() : fuzzOnce())) ? 0 : 1;

async function fuzzOnce(): Promise<boolean> {
  const { fault, asked: done, indexed } = await runFuzz({ embedded: 'embedded', ...asked });
  console.log(fault ?? `${done} queries agree, ${indexed} of them by an index`);
  return !fault;
}

async function plantAll(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  let missed = 0;
  for (const [i, planted] of PLANTED.entries()) {
    const verdict = runFuzz({ embedded: plant(join(folder, String(i)), planted), ...asked });
    const { fault, asked: at } = await verdict.catch((error) => ({ fault: String(error), asked: 0 }));
    console.log(`${fault ? 'caught' : 'MISSED'}  ${planted.guard} (query ${at})`);
    if (!fault) missed++;
  }
  rmSync(folder, { recursive: true, force: true });
  return missed === 0;
}

function plant(folder: string, { file, from, to, guard }: Planted): string {
  mkdirSync(folder);
  cpSync('embedded', folder, { recursive: true });
  const source = readFileSync(join(folder, file), 'utf8');
  if (!source.includes(from)) throw new Error(`The guard has changed: ${guard}`);
  writeFileSync(
    join(folder, file),
    source.replace(from, () => to),
  );
  return folder;
}
