/** Starts the server as a child process and waits until it listens. It ends with the process that started it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Embedded {
  uri: string;
  pid: number;
  stop(): Promise<void>;
}

export async function startEmbedded({
  dir,
  port = 0,
  sync = true,
}: {
  dir: string;
  port?: number;
  sync?: boolean;
}): Promise<Embedded> {
  const fromSource = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(fromSource ? './main.ts' : './main.js', import.meta.url));
  const loader = fromSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  const args = [...loader, main, '--dir', dir, '--port', String(port), '--parent', ...(sync ? [] : ['--no-sync'])];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  const uri = await Promise.race([
    firstLine(child),
    once(child, 'exit').then(() => {
      throw new Error(`The embedded server did not start: ${complaint.trim()}`);
    }),
  ]);
  return { uri, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The child has no output.');
  for await (const line of createInterface(child.stdout)) {
    const [word, uri] = line.split(' ');
    if (word === 'listening' && uri) return uri;
  }
  return new Promise(() => {});
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
