/**
 * `npm run conformance -- --spec DIR [--list]`: runs a folder of unified tests of the MongoDB driver specifications on
 * MONGODB_URI, or on an embedded server of its own, and ends with one line that counts.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EJSON } from 'bson';
import { startEmbedded } from '../../../embedded/start.ts';
import { type Outcome, runTest } from './runner.ts';

const { values } = parseArgs({ options: { spec: { type: 'string' }, list: { type: 'boolean', default: false } } });
if (!values.spec) throw new Error('--spec is needed: a folder of unified tests.');

const dir = await mkdtemp(join(tmpdir(), 'conformance-'));
const given = process.env['MONGODB_URI'];
const server = given ? { uri: given, stop: async () => {} } : await startEmbedded({ dir, sync: false });
const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const name of (await readdir(values.spec)).filter((one) => one.endsWith('.json')).sort()) {
    const file = EJSON.parse(await readFile(join(values.spec, name), 'utf8'));
    for (const test of file.tests) report(`${name}: ${test.description}`, await runTest(server.uri, file, test));
  }
} finally {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);

function report(name: string, { result, why }: Outcome): void {
  counts[result]++;
  if (result === 'failed' || values.list) console.log(`${result}  ${name}${why ? `\n        ${why}` : ''}`);
}
