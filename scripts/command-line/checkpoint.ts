/** Where a long script is, in a file that is whole at any moment: written beside, forced to disk, moved over the old one. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { z } from 'zod';
import { Failure } from './exit.ts';

export interface Checkpoint<T> {
  path: string;
  read(): Promise<T | undefined>;
  write(value: T): Promise<void>;
  clear(): Promise<void>;
}

export function checkpointAt<T>(path: string, schema: z.ZodType<T>): Checkpoint<T> {
  const fresh = `${path}.new`;
  return {
    path,
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      const { data } = schema.safeParse(parsed(text));
      if (data === undefined)
        throw new Failure('conflict', `${path} is not a checkpoint of this script. Move it away.`);
      return data;
    },
    async write(value) {
      const file = await open(fresh, 'w', 0o600);
      await file.writeFile(`${JSON.stringify(value)}\n`);
      await file.sync();
      await file.close();
      await rename(fresh, path);
    },
    clear: () => rm(path, { force: true }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
