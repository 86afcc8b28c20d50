/**
 * What every script has in common: examples first in `--help`, exit codes last, "did you mean" for what is mistyped, and
 * an environment variable for every flag. Flags win over the environment. Secrets have a variable and no flag, because
 * a flag is seen by everybody on the machine.
 */
import { Command, CommanderError, type Option } from 'commander';
import { codeOf, exitCodesHelp, Failure, failureOf } from './exit.ts';
import { say } from './terminal.ts';

export interface About {
  description: string;
  /** One a line: the command, and what it does. */
  examples: string;
  /** What else a reader should know, after the options. */
  notes?: string;
}

export function script(name: string, { description, examples, notes }: About): Command {
  return new Command(name)
    .description(description)
    .addHelpText('beforeAll', `Examples:\n${examples.replace(/^\n+|\s+$/g, '')}\n`)
    .addHelpText('afterAll', `${notes === undefined ? '' : `\n${notes}\n`}${exitCodesHelp}`)
    .option('--quiet', 'print only results and errors')
    .option('--no-color', 'no colours, like NO_COLOR=1')
    .showHelpAfterError(`See \`${name} --help\`.`)
    .exitOverride();
}

export async function run(program: Command): Promise<void> {
  process.stdout.on('error', leaveQuietly);
  try {
    giveTwins(program, prefixOf(program.name()));
    await program.parseAsync();
  } catch (error) {
    process.exitCode = tell(error);
  }
}

function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : codeOf('usage');
  const { message, exit } = failureOf(error);
  say(message);
  return codeOf(exit);
}

/** Whoever read our output has had enough, as `head` does. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

const prefixOf = (name: string): string => name.toUpperCase().replaceAll('-', '_');

function giveTwins(command: Command, prefix: string): void {
  for (const option of command.options) {
    if (option.negate) continue;
    if (option.envVar === undefined) option.env(`${prefix}_${prefixOf(option.name())}`);
    settle(option);
  }
  for (const inner of command.commands) giveTwins(inner, prefix);
}

/** Commander takes any value of a switch's variable for yes, `0` and `false` too. */
function settle(option: Option): void {
  const { envVar = '', flags } = option;
  const value = process.env[envVar];
  if (value === undefined || !(value === '' || option.isBoolean())) return;
  if (value === '' || /^(0|false|no|off)$/i.test(value)) delete process.env[envVar];
  else if (!/^(1|true|yes|on)$/i.test(value)) {
    throw new Failure('usage', `${envVar} (for ${flags}) is "${value}". Use 1 or 0.`);
  }
}
