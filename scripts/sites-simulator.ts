/**
 * `sites-simulator`: the simulated sites as a process. It prints its address when it listens; give that to the processes
 * that look outside, as `OUTSIDE_STANDIN`. How it is told what to play is said in `simulated-sites.ts`.
 */
import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { startSites } from './simulated-sites.ts';

const examples = `Examples:
  sites-simulator --port 4998                                                 play every host name
  OUTSIDE_STANDIN=http://127.0.0.1:4998 node dist/workers/main.js checks      look there, not at the internet
  curl -X POST …/.standin/faults -d '{"url":"https://example.com/","fault":"noindex"}'
`;

await new Command('sites-simulator')
  .description('The web sites of clients that do not exist, with the faults that it is told.')
  .addHelpText('beforeAll', examples)
  .option('--port <number>', 'where to listen', '0')
  .action(async ({ port }: { port: string }) => {
    const sites = await startSites({ port: Number(port) });
    process.stdout.write(`listening ${sites.origin}\n`);
    closeWithGrace({ delay: 5_000, logger: false }, () => sites.close());
  })
  .parseAsync();
