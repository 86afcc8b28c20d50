/**
 * Looks for what must not be anywhere but in its place: clients' addresses, tokens of links, keys and secrets, in
 * everything the processes said, everything Redis wrote to its disk, and the audit.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenFor } from '../../kernel/tokens.ts';
import type { Finding } from './finding.ts';
import type { World } from './world.ts';

export async function findLeaks(world: World): Promise<Finding[]> {
  const { dir, models, secrets } = world;
  const links = (await models.links.model.collection.find({}).project({ _id: 1 }).toArray()).map(({ _id }) =>
    String(_id),
  );
  const tokens = new Set(links.map((id) => tokenFor(secrets.linkSecret, { kind: 'link', id, generation: 1 })));
  const texts = await textsIn(join(dir, 'logs'));
  const files = [...texts, ...(await textsIn(join(dir, 'redis')))];
  const found = files.flatMap((one) => leaksIn(one, secrets, tokens));
  for await (const text of auditIn(world)) found.push(...leaksIn({ name: 'audit', text }, secrets, tokens));
  return found;
}

/** By the thousand: a trial may have left millions of lines. */
async function* auditIn({ models }: World): AsyncGenerator<string> {
  let lines: object[] = [];
  for await (const line of models.audit.model.collection.find({}).batchSize(1_000)) {
    lines.push(line);
    if (lines.length < 1_000) continue;
    yield JSON.stringify(lines);
    lines = [];
  }
  yield JSON.stringify(lines);
}

function leaksIn(
  { name, text }: { name: string; text: string },
  secrets: World['secrets'],
  tokens: ReadonlySet<string>,
): Finding[] {
  return [
    ...Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([what]): Finding => ({ kind: 'leak', what: `the ${what} stands in ${name}` })),
    ...addresses(name, text),
    ...[...text.matchAll(/[A-Za-z0-9_-]{43}/g)]
      .filter(([token]) => tokens.has(token))
      .slice(0, 3)
      .map((): Finding => ({ kind: 'leak', what: `the token of a link stands in ${name}` })),
  ];
}

function addresses(name: string, text: string): Finding[] {
  const found = text.match(/canary\.\d+\.\d+@clients/g) ?? [];
  return found.slice(0, 3).map((address) => ({ kind: 'leak', what: `the address ${address} stands in ${name}` }));
}

async function textsIn(folder: string): Promise<{ name: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(
    files.map(async (path) => ({ name: path.slice(folder.length + 1), text: await readFile(path, 'latin1') })),
  );
}
