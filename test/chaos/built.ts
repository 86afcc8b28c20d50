/** The application as it is deployed: built before the trials, because a process in TypeScript takes three times as long to start. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '../..');

/** Where a source file was built to. */
export const builtFile = (source: string): string => join(root, 'dist', source.replace(/\.ts$/, '.js'));

/** The arguments of node for a built file, with preloads (in TypeScript) before it. */
export function nodeArgs(source: string, preload: string[] = []): string[] {
  const files = preload.map((file) => pathToFileURL(join(import.meta.dirname, 'preload', file)).href);
  const imports = files.length > 0 ? ['tsx', ...files] : [];
  return [...imports.flatMap((file) => ['--import', file]), builtFile(source)];
}
