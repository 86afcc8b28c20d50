/**
 * `vendor-simulator`: the simulated vendor as a process. It prints its address when it listens, and is told how to behave
 * by `POST /manners`. It signs with a secret that is given to it and is of no use for anything else.
 */
import closeWithGrace from 'close-with-grace';
import { Command, Option } from 'commander';
import { startVendor } from './simulated-vendor.ts';

const examples = `Examples:
  vendor-simulator --secret whsec_…                    take dispatches and call back
  vendor-simulator --secret whsec_… --ledger asked.jsonl --port 4999
  curl -X POST …/manners -d '{"status":500,"times":3}' fail three times, then behave
  curl …/ledger                                        how many calls, and how many dispatches
`;

interface Options {
  secret: string;
  port: string;
  ledger?: string;
}

await new Command('vendor-simulator')
  .description('A vendor that answers, delays, calls back and misbehaves on request.')
  .addHelpText('beforeAll', examples)
  .addOption(new Option('--secret <whsec>', 'what both sides sign with').env('VENDOR_SECRET').makeOptionMandatory())
  .option('--port <number>', 'where to listen', '0')
  .option('--ledger <file>', 'one JSON line for each call')
  .action(async ({ secret, port, ledger }: Options) => {
    const vendor = await startVendor({ secret, port: Number(port), ...(ledger !== undefined && { ledger }) });
    process.stdout.write(`listening ${vendor.origin}\n`);
    closeWithGrace({ delay: 5_000, logger: false }, () => vendor.close());
  })
  .parseAsync();
