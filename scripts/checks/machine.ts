/** This machine: Node, the configuration, and whether the ports are to be had. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { settleWithin } from '../../kernel/deadline.ts';
import { BadEnvironment, type Config, readConfig, sampleOf } from '../../runtime/config.ts';
import { cureOf } from '../../runtime/entry.ts';
import { root } from '../servers/built.ts';
import { type Finding, fault, messageOf, ok, warning } from './finding.ts';

const range = createRequire(import.meta.url)(join(root, 'scripts/node-range.cjs')) as {
  fits(version: string): boolean;
  install: string;
};

export function checkNode(version = process.versions.node): Finding {
  if (range.fits(version)) return ok('node', `version ${version}`);
  return fault('node', `version ${version}`, range.install);
}

/** The configuration, or what is wrong with it: all of it at once. */
export function checkConfig(environment: NodeJS.ProcessEnv): { config?: Config; findings: Finding[] } {
  try {
    const config = readConfig(environment);
    return { config, findings: [...secretOf(config), ...addressOf(config)] };
  } catch (error) {
    if (!(error instanceof BadEnvironment)) throw error;
    const findings = error.faults.map(({ variable, message }) =>
      fault('configuration', `${variable} ${message}`, cureFor(variable)),
    );
    return { findings };
  }
}

function cureFor(variable: string): string {
  const sample = variable === 'LINK_SECRET' ? randomBytes(32).toString('hex') : sampleOf(variable);
  return sample === undefined ? `Correct ${variable}.` : `Set it, such as ${variable}=${sample}`;
}

function secretOf({ linkSecret }: Config): Finding[] {
  const isWeak = new Set(linkSecret).size < 10;
  if (!isWeak) return [ok('configuration', 'complete')];
  return [warning('configuration', 'LINK_SECRET repeats few characters', cureFor('LINK_SECRET'))];
}

function addressOf({ production, publicUrl }: Config): Finding[] {
  const { protocol, hostname } = new URL(publicUrl);
  const isLocal = /^(localhost|127\.|\[::1\])/.test(hostname);
  if (production && (isLocal || protocol !== 'https:')) {
    const cure = 'Set PUBLIC_URL to the address that clients reach, with https://.';
    return [warning('public address', `links in mails lead to ${publicUrl}`, cure)];
  }
  return [];
}

interface Place {
  variable: string;
  host: string;
  port: number | undefined;
}

/** A port that is taken is well where we are the one who took it. */
export async function checkPort({ variable, host, port }: Place): Promise<Finding[]> {
  if (port === undefined || port === 0) return [];
  const check = `port ${port}`;
  const taken = await listens(host, port);
  if (taken === undefined) return [ok(check, 'free')];
  if (taken === 'EADDRINUSE' && (await isOurs(port))) return [ok(check, 'in use by a running Orderworks process')];
  const cure = cureOf(taken, { host, port, variable }) ?? `Set ${variable} to another port.`;
  return [fault(check, `can't be used (${taken})`, cure)];
}

function listens(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? messageOf(error)));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isOurs(port: number): Promise<boolean> {
  const said: unknown = await settleWithin(2_000, async (signal) => {
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal });
    return answer.json();
  }).catch(() => undefined);
  return typeof said === 'object' && said !== null && 'status' in said;
}
