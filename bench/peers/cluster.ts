/**
 * A PostgreSQL of the bench's own: a private cluster that listens on loopback alone, as durable as PostgreSQL is by
 * default. The binaries are Debian's; root may have them installed. Where there are none, its contestants are left out.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/servers/ports.ts';

const run = promisify(execFile);
const debian = '/usr/lib/postgresql';

export interface Cluster {
  /** Makes an empty database; resolves to its address. */
  fresh(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Undefined where there is no PostgreSQL and none can be installed. */
export async function startCluster(dir: string): Promise<Cluster | undefined> {
  const bin = (await findBinaries()) ?? (await install());
  if (bin === undefined) return undefined;
  const port = await freePort();
  const data = join(dir, 'postgres');
  await mkdir(data);
  const owner = await unprivileged();
  if (owner) await Promise.all([chown(dir, owner.uid, owner.gid), chown(data, owner.uid, owner.gid)]);
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '--auth=trust', '-E', 'UTF8'], { ...owner, cwd: data });
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: data, max_connections: 200 };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...args], { ...owner, cwd: data, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const endWithUs = () => child.kill('SIGQUIT');
  process.once('exit', endWithUs);
  const connect = ['-h', '127.0.0.1', '-p', String(port), '-U', 'bench'];
  while (!(await run(join(bin, 'pg_isready'), connect).catch(() => undefined))) await wait(100);

  return {
    async fresh(name) {
      await run(join(bin, 'createdb'), [...connect, name]);
      return `postgres://bench@127.0.0.1:${port}/${name}`;
    },
    async stop() {
      process.off('exit', endWithUs);
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** The newest version that is there. */
async function findBinaries(): Promise<string | undefined> {
  const versions = await readdir(debian).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const bin = join(debian, version, 'bin');
    if (
      await access(join(bin, 'initdb')).then(
        () => true,
        () => false,
      )
    )
      return bin;
  }
  return undefined;
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const asked = ['install', '-y', '--no-install-recommends', 'postgresql'];
  await run('apt-get', asked, { env }).catch(() => undefined);
  return findBinaries();
}

/** PostgreSQL does not run as root. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
