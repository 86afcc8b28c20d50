/**
 * `doctor`: is everything here as Orderworks needs it? It looks at what the environment names, changes nothing, and says
 * for each thing that is not well what cures it.
 */
import { checkDatabase } from './checks/database.ts';
import type { Finding } from './checks/finding.ts';
import { checkConfig, checkNode, checkPort } from './checks/machine.ts';
import { checkMail } from './checks/mail.ts';
import { checkRedis } from './checks/redis.ts';
import { codeOf } from './command-line/exit.ts';
import { run, script } from './command-line/script.ts';
import { harmless, paint, print } from './command-line/terminal.ts';

const examples = `
  doctor                  look at everything, and say what cures what is not well
  doctor --json | jq .    the same for a machine
  doctor --print-config   what the environment comes to, without its secrets
`;

interface Options {
  json?: boolean;
  printConfig?: boolean;
}

const program = script('doctor', {
  description: 'Checks Node, the configuration, Redis, the database, the mail server, clocks and ports.',
  examples,
  notes: 'It reads the same variables as the processes: MONGODB_URI, REDIS_URL, SMTP_URL, LINK_SECRET, PUBLIC_URL, …',
});
program
  .option('--json', 'one JSON object')
  .option('--print-config', 'show the configuration with secrets masked, and check nothing')
  .action(look);

async function look({ json, printConfig }: Options): Promise<void> {
  if (printConfig) return showConfig();
  const findings = await examine();
  const isWell = !findings.some(({ verdict }) => verdict === 'fault');
  await print(json ? `${JSON.stringify({ ok: isWell, findings })}\n` : findings.map(inWords).join(''));
  process.exitCode = codeOf(isWell ? 'ok' : 'failed');
}

async function showConfig(): Promise<void> {
  const [{ readConfig }, { maskedConfig }] = await Promise.all([
    import('../runtime/config.ts'),
    import('../runtime/masked-config.ts'),
  ]);
  await print(`${JSON.stringify(maskedConfig(readConfig()), null, 2)}\n`);
}

/** What can be looked at is, even where another part of the configuration is wrong. */
async function examine(): Promise<Finding[]> {
  const { MONGODB_URI: mongoUri, REDIS_URL: redisUrl, SMTP_URL: smtpUrl } = process.env;
  const { config, findings } = checkConfig(process.env);
  const production = process.env['NODE_ENV'] === 'production';
  const looked = await Promise.all([
    redisUrl?.startsWith('redis')
      ? checkRedis(redisUrl, config?.redisPrefix ?? process.env['REDIS_PREFIX'] ?? '{orderworks}')
      : [],
    mongoUri?.startsWith('mongodb') ? checkDatabase(mongoUri, production) : [],
    (config?.smtpUrl ?? smtpUrl) ? checkMail(config?.smtpUrl ?? smtpUrl ?? '') : [],
    config ? checkPort({ variable: 'PORT', host: config.host, port: config.port }) : [],
    config ? checkPort({ variable: 'HEALTH_PORT', host: config.host, port: config.healthPort }) : [],
  ]);
  return [checkNode(), ...findings, ...looked.flat()];
}

const colours = { ok: 'green', warning: 'yellow', fault: 'red' } as const;

function inWords(finding: Finding): string {
  const line = `${paint(colours[finding.verdict], finding.verdict.padEnd(7))}  ${finding.check}: ${harmless(finding.says)}\n`;
  return finding.verdict === 'ok' ? line : `${line}         → ${finding.fix}\n`;
}

await run(program);
