/** Finds a Chromium and, where none is to be had and this may be done, installs the one of Debian. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const elsewhere = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** The path of a Chromium or Chrome; undefined where there is none and none can be installed. */
export async function findChromium(): Promise<string | undefined> {
  return (await present()) ?? (await install());
}

async function present(): Promise<string | undefined> {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere];
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

/** Where it can't be installed, the caller says what is left out. */
async function install(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    process.stderr.write('Installing chromium (for the tests in a real browser).\n');
    await run('apt-get', ['update', '--quiet'], { env });
    await run('apt-get', ['install', '--yes', '--no-install-recommends', '--quiet', 'chromium'], { env });
  } catch {
    return undefined;
  }
  return present();
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
