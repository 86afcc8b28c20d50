/**
 * Writes the file of a new product, `workflows/products/<name>.ts`, and says which lines are still to be added. The stub
 * loads and can be walked to live as it is; an existing file is never overwritten.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const stub = join(import.meta.dirname, 'new-product.stub.txt');

/** The product file of `product`, whose name is the one on the wire: `video_ads`. */
export async function stubOf(product: string, title: string): Promise<string> {
  const text = await readFile(stub, 'utf8');
  return text.replaceAll('__NAME__', nameOf(product)).replaceAll('__PRODUCT__', product).replaceAll('__TITLE__', title);
}

export const nameOf = (product: string): string =>
  product.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
export const fileOf = (product: string): string => `${product.replaceAll('_', '-')}.ts`;

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));

async function main([product = '', title = '']: string[]): Promise<void> {
  if (!/^[a-z]+(?:_[a-z]+)*$/.test(product) || title === '') {
    process.stderr.write('Give the name on the wire and the title: scripts/new-product video_ads "Video Ads"\n');
    process.exit(2);
  }
  const file = join(import.meta.dirname, '../workflows/products', fileOf(product));
  await writeFile(file, await stubOf(product, title), { flag: 'wx' });
  process.stdout.write(
    `${file}\nThen, in workflows/index.ts:\n  import { ${nameOf(product)} } from './products/${fileOf(product)}';\n` +
      `  ${product}: [${nameOf(product)}],\nand record its golden history: npx tsx test/support/golden.ts\n`,
  );
}
