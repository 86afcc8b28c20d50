/**
 * `vendor-simulator`: the simulated vendor as a process. It prints its address when it listens, and is told how to behave
 * by `POST /manners`. It signs with VENDOR_SECRET, which is of no use for anything else.
 */
import closeWithGrace from 'close-with-grace';
import { Failure } from './command-line/exit.ts';
import { portFrom } from './command-line/port.ts';
import { run, script } from './command-line/script.ts';
import { print } from './command-line/terminal.ts';
import { startVendor } from './simulators/vendor.ts';

const examples = `
  VENDOR_SECRET=whsec_… vendor-simulator                          take dispatches and call back
  VENDOR_SECRET=whsec_… vendor-simulator --ledger asked.jsonl --port 4999
  curl -X POST …/manners -d '{"status":500,"times":3}'            fail three times, then behave
  curl …/ledger                                                   how many calls, and how many dispatches
`;

interface Options {
  port: number;
  ledger?: string;
}

const program = script('vendor-simulator', {
  description: 'A vendor that answers, delays, calls back and misbehaves on request.',
  examples,
  notes: 'What both sides sign with comes from VENDOR_SECRET.',
})
  .option('--port <number>', 'where to listen; 0 takes a free one', portFrom, 0)
  .option('--ledger <file>', 'one JSON line for each call')
  .action(listen);

async function listen({ port, ledger }: Options): Promise<void> {
  const secret = process.env['VENDOR_SECRET'] ?? '';
  if (secret === '') throw new Failure('usage', 'VENDOR_SECRET is not set; give one such as whsec_ and base64.');
  const vendor = await startVendor({ secret, port, ...(ledger !== undefined && { ledger }) });
  await print(`listening ${vendor.origin}\n`);
  closeWithGrace({ delay: 5_000, logger: false }, () => vendor.close());
}

await run(program);
