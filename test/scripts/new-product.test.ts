import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileOf, nameOf, stubOf } from '../../scripts/new-product.ts';
import type { Workflow } from '../../workflows/graph/workflow.ts';

const products = join(import.meta.dirname, '../../workflows/products');

test('the file of a new product loads as a workflow', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'new-product-'));
  try {
    const file = join(folder, fileOf('video_ads'));
    const stub = (await stubOf('video_ads', 'Video Ads'))
      .replaceAll("'../", `'${products}/../`)
      .replaceAll("'./", `'${products}/`);
    const zod = import.meta.resolve('zod');
    await writeFile(file, stub.replace("'zod'", `'${zod}'`));
    const { videoAds } = (await import(file)) as { videoAds: Workflow };
    expect(videoAds.stages.map(({ key }) => key)).toEqual(['intake', 'plan', 'client_approval', 'live']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a product is named in three ways: on the wire, in code and as a file', () => {
  expect([nameOf('video_ads'), fileOf('video_ads')]).toEqual(['videoAds', 'video-ads.ts']);
});
