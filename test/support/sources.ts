/** Reads the project's own TypeScript, as the architecture test judges it. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from './doors.ts';

export const root = join(import.meta.dirname, '../..');
const notOurs = new Set(['node_modules', 'dist', 'coverage', '.git', '.data', '.cache']);

export async function readSources(folder = root): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<SourceFile[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : readSources(path);
      if (!entry.name.endsWith('.ts')) return [];
      return [{ path: relative(root, path).split(sep).join('/'), text: await readFile(path, 'utf8') }];
    }),
  );
  return found.flat();
}
