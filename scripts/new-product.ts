/**
 * Writes the file of a new product, `workflows/products/<name>.ts`, and says which lines are still to be added. The stub
 * loads and can be walked to live as it is; an existing file is never overwritten.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { Failure } from './command-line/exit.ts';
import { commandWith } from './command-line/interrupt.ts';
import { run, script } from './command-line/script.ts';
import { print, say } from './command-line/terminal.ts';

const examples = `
  new-product video_ads "Video Ads"           show the file that would be written
  new-product video_ads "Video Ads" --apply   write it, and say which lines are still to be added
`;

const stub = join(import.meta.dirname, 'new-product.stub.txt');

/** The product file of `product`, whose name is the one on the wire: `video_ads`. */
export async function stubOf(product: string, title: string): Promise<string> {
  const text = await readFile(stub, 'utf8');
  return text.replaceAll('__NAME__', nameOf(product)).replaceAll('__PRODUCT__', product).replaceAll('__TITLE__', title);
}

export const nameOf = (product: string): string =>
  product.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
export const fileOf = (product: string): string => `${product.replaceAll('_', '-')}.ts`;

if (process.argv[1] === import.meta.filename) {
  await run(
    script('new-product', { description: 'Writes the file of a new product.', examples })
      .argument('<product>', 'its name on the wire, such as video_ads', productFrom)
      .argument('<title>', 'its name for people')
      .option('--apply', 'write the file; a file that is there is never overwritten')
      .action(write),
  );
}

async function write(product: string, title: string, { apply }: { apply?: boolean }): Promise<void> {
  const file = join(import.meta.dirname, '../workflows/products', fileOf(product));
  const text = await stubOf(product, title);
  if (!apply) {
    await print(text);
    return say(`Nothing was written. To write ${file}:\n  ${commandWith('--apply')}`);
  }
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Failure('conflict', `${file} is there already.`) : error;
  });
  await print(`${file}\n`);
  say(
    `Then, in workflows/index.ts:\n  import { ${nameOf(product)} } from './products/${fileOf(product)}';\n` +
      `  ${product}: [${nameOf(product)}],\nand record its golden history: npx tsx test/support/golden.ts`,
  );
}

function productFrom(text: string): string {
  if (/^[a-z]+(?:_[a-z]+)*$/.test(text)) return text;
  throw new InvalidArgumentError('Enter small letters and `_`, such as video_ads.');
}
