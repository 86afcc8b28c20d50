/**
 * Finds a redis-server binary and, where none is to be had, installs one. On Debian it takes the package `redis-tools`,
 * not `redis-server`: the server is in it, under the name redis-check-rdb (it looks at the name it was called by), and
 * it brings neither a system service nor a unit that would start one.
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const homebrew = ['/opt/homebrew/bin', '/usr/local/bin', '/opt/homebrew/opt/redis/bin', '/usr/local/opt/redis/bin'];
const linkFolder = join(
  import.meta.dirname.replace(/\/dist\/scripts\/servers$/, '/scripts/servers'),
  '../../node_modules/.cache/orderworks',
);

/** The path of a redis-server of version 7 or newer. Says what to do where it can't help itself. */
export async function findRedis(): Promise<string> {
  const found = (await present()) ?? (await install());
  if (found === undefined) throw new Error(howToInstall());
  await mustBeNewEnough(found);
  return found;
}

async function present(): Promise<string | undefined> {
  const named = process.env['REDIS_SERVER'];
  if (named) return named;
  return (await onPath('redis-server')) ?? (await underItsOwnName());
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...homebrew]) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

/** The Debian binary, reached by a link of the name that makes it a server. */
async function underItsOwnName(): Promise<string | undefined> {
  const binary = await onPath('redis-check-rdb');
  if (binary === undefined) return undefined;

  const link = join(linkFolder, 'redis-server');
  await mkdir(linkFolder, { recursive: true });
  await symlink(binary, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return link;
}

async function install(): Promise<string | undefined> {
  if (process.platform === 'darwin' && (await onPath('brew')) !== undefined) {
    say('Installing redis with Homebrew (no service is started).');
    await run('brew', ['install', 'redis']);
  } else if (process.getuid?.() === 0 && (await onPath('apt-get')) !== undefined) {
    say('Installing redis-tools (the server binary, without a system service).');
    await installFromDebian();
  }
  return present();
}

async function installFromDebian(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // A fresh image has no package lists, an old one has stale ones: both are cured by the update.
  await run('apt-get', ['update', '--quiet'], { env });
  await run('apt-get', ['install', '--yes', '--no-install-recommends', '--quiet', 'redis-tools'], { env });
}

function howToInstall(): string {
  return [
    'No redis-server (7.0 or newer) was found.',
    'Install one (Debian, Ubuntu: `sudo apt-get install redis-tools`; macOS: `brew install redis`)',
    'or name the binary in REDIS_SERVER.',
  ].join(' ');
}

async function mustBeNewEnough(binary: string): Promise<void> {
  const { stdout } = await run(binary, ['--version']);
  const major = Number(/v=(\d+)/.exec(stdout)?.[1]);
  if (!(major >= 7)) throw new Error(`${binary} is too old (${stdout.trim()}). ${howToInstall()}`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
