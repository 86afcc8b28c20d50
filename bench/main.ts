/**
 * `npm run bench -- <name> [--json]`: speed and memory, as ratios within one run on one machine. Nothing here is a test:
 * a slow machine prints smaller figures and the same ratios.
 */
const benches: Record<string, () => Promise<{ run(args: string[]): Promise<void> }>> = {
  bulk: () => import('./bulk.ts'),
  audit: () => import('./audit.ts'),
  embedded: () => import('./embedded.ts'),
  peers: () => import('./peers.ts'),
  transitions: () => import('./transitions.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = benches[name];
if (!load) {
  process.stderr.write(`There is no bench "${name}"; there are ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}
const { run } = await load();
await run(args);
