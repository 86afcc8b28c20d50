/**
 * `preview-mails`: every letter as a page and as text, in a folder, to be looked at. Nothing is sent and no database is
 * asked.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { letter, templates } from '../mail/render.ts';
import { sample } from '../mail/samples.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';

const examples = `
  preview-mails letters           name the files that would be written
  preview-mails letters --apply   write them into the folder, over those of the last time
`;

await run(
  script('preview-mails', { description: 'Writes every email as HTML and as text.', examples })
    .argument('<folder>', 'the folder; created if needed')
    .option('--apply', 'write the files')
    .action(preview),
);

async function preview(folder: string, { apply }: { apply?: boolean }): Promise<void> {
  if (apply) await mkdir(folder, { recursive: true });
  for (const name of Object.keys(templates)) {
    const { subject, html, text } = letter(name, sample);
    const path = join(folder, name);
    if (apply) await writeFile(`${path}.html`, html);
    if (apply) await writeFile(`${path}.txt`, `Subject: ${subject}\n\n${text}`);
    await print(`${path}.html\n`);
  }
  if (!apply) say(`Nothing was written. To write these:\n  ${commandWith('--apply')}`);
}
