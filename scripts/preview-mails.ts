/**
 * Writes every letter as a page and as text into a folder, to be looked at: `preview-mails.ts <folder>`. Nothing is sent
 * and no database is asked.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { letter, templates } from '../mail/render.ts';
import { sample } from '../mail/samples.ts';

const [folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Give the folder to write to: preview-mails.ts <folder>\n');
  process.exit(2);
}

await mkdir(folder, { recursive: true });
for (const name of Object.keys(templates)) {
  const { subject, html, text } = letter(name, sample);
  await writeFile(join(folder, `${name}.html`), html);
  await writeFile(join(folder, `${name}.txt`), `Subject: ${subject}\n\n${text}`);
  process.stdout.write(`${join(folder, name)}.html\n`);
}
