/**
 * The products that are sold, each with every version of its workflow that an order may still be pinned to. The last
 * version of a list is the one that new orders start on.
 */
import { Refusal } from '../kernel/errors.ts';
import { isForm } from './gates/form.ts';
import type { Workflow } from './graph/workflow.ts';
import { backlinks } from './products/backlinks.ts';
import { content } from './products/content.ts';
import { facebookAds } from './products/facebook-ads.ts';
import { gbp } from './products/gbp.ts';
import { googleAds } from './products/google-ads.ts';
import { listings } from './products/listings.ts';
import { seo } from './products/seo.ts';
import { site } from './products/site.ts';
import { socialPosting } from './products/social-posting.ts';
import { phoneNumber, software } from './products/switched-on.ts';
import { tiktokAds } from './products/tiktok-ads.ts';
import { oneOf } from './words/messages.ts';

export const products: Readonly<Record<string, readonly [Workflow, ...Workflow[]]>> = {
  seo: [seo],
  google_ads: [googleAds],
  facebook_ads: [facebookAds],
  tiktok_ads: [tiktokAds],
  social_posting: [socialPosting],
  content: [content],
  backlinks: [backlinks],
  gbp: [gbp],
  site: [site],
  listings: [listings],
  phone_number: [phoneNumber],
  software: [software],
};

export function workflowFor(product: string, version?: number): Workflow {
  const versions = Object.hasOwn(products, product) ? products[product] : undefined;
  if (!versions) throw unknownProduct(product);
  if (version === undefined) return versions[versions.length - 1] ?? versions[0];
  const pinned = versions.find((workflow) => workflow.version === version);
  if (!pinned) throw new Error(`Version ${version} of the workflow of ${product} is not here.`);
  return pinned;
}

export interface CatalogueEntry {
  product: string;
  title: string;
  tiers: readonly string[];
  managed: boolean;
  /** Whether the client is emailed a form. */
  onboarding: boolean;
  version: number;
  stages: { key: string; title: string; gate: string; budget: number }[];
}

export function catalogue(): CatalogueEntry[] {
  return Object.keys(products).map((product) => {
    const { title, tiers, managed, version, stages } = workflowFor(product);
    const onboarding = stages.some(isForm);
    const shown = stages.map((stage) => ({
      key: stage.key,
      title: stage.title,
      gate: stage.gate,
      budget: stage.budget,
    }));
    return { product, title, tiers, managed, onboarding, version, stages: shown };
  });
}

function unknownProduct(product: string): Refusal {
  const message = `Use ${oneOf(Object.keys(products))}.`;
  return new Refusal('unknown_product', `"${product}" is not sold. ${message}`, [
    { pointer: '/product', rule: 'not_offered', message },
  ]);
}
