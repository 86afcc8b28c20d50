/**
 * `sites-simulator`: the simulated sites as a process. It prints its address when it listens; give that to the processes
 * that look outside, as `OUTSIDE_STANDIN`. How it is told what to play is said in `simulated-sites.ts`.
 */
import closeWithGrace from 'close-with-grace';
import { portFrom } from './command-line/port.ts';
import { run, script } from './command-line/script.ts';
import { print } from './command-line/terminal.ts';
import { startSites } from './simulators/sites.ts';

const examples = `
  sites-simulator --port 4998                                                 play every host name
  OUTSIDE_STANDIN=http://127.0.0.1:4998 node dist/workers/main.js checks      look there, not at the internet
  curl -X POST …/.standin/faults -d '{"url":"https://example.com/","fault":"noindex"}'
`;

const program = script('sites-simulator', {
  description: 'The web sites of clients that do not exist, with the faults that it is told.',
  examples,
})
  .option('--port <number>', 'where to listen; 0 takes a free one', portFrom, 0)
  .action(async ({ port }: { port: number }) => {
    const sites = await startSites({ port });
    await print(`listening ${sites.origin}\n`);
    closeWithGrace({ delay: 5_000, logger: false }, () => sites.close());
  });

await run(program);
