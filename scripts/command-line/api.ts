/** Speaking to the HTTP API as any other service does: with a key, which comes from the environment or from a file. */

import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { parseUrl } from '../../kernel/urls.ts';
import { Failure } from './exit.ts';

export interface ServiceOptions {
  url: string;
  keyFile?: string;
}

export const keyNotes = `The API key comes from ORDERWORKS_KEY, or from a file (--key-file); there is no flag for the key itself.`;

export function withService(command: Command): Command {
  return command
    .addOption(new Option('--url <address>', 'where the API is').env('ORDERWORKS_URL').default('http://127.0.0.1:4000'))
    .addOption(new Option('--key-file <file>', 'a file that holds the API key').env('ORDERWORKS_KEY_FILE'));
}

/** Address and key, checked before anything is asked. */
export async function serviceOf({ url, keyFile }: ServiceOptions): Promise<{ url: string; key: string }> {
  if (!parseUrl(url) || !/^https?:/.test(url)) {
    throw new Failure('usage', `"${url}" is not an API address. Use one such as https://orders.example.com.`);
  }
  const key = keyFile === undefined ? (process.env['ORDERWORKS_KEY'] ?? '') : await readFile(keyFile, 'utf8');
  if (key.trim() !== '') return { url, key: key.trim() };
  throw new Failure('auth', 'No API key. Set ORDERWORKS_KEY or use --key-file.');
}
