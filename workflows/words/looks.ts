/**
 * What can be looked at outside, as data, and what was found. A product file declares looks from the data of an order;
 * a worker goes and looks; the rule of `record-check` decides what that means. Each look has one sentence, which says what
 * is expected and tells it from any other.
 */
import { z } from 'zod';

export type Look =
  /** It answers 200, after so many redirects at most. */
  | { look: 'answers'; url: string; redirects?: number }
  /** Nothing keeps it out of an index: neither the page, nor its headers, nor robots.txt. */
  | { look: 'indexable'; url: string }
  | { look: 'canonical'; url: string }
  /** A tag of GA4 (`G-…`), Tag Manager (`GTM-…`) or a Meta pixel is in it. */
  | { look: 'tag'; url: string; tag: string }
  | { look: 'robots'; url: string }
  /** The site has a sitemap: at `at`, or where robots.txt says, or at /sitemap.xml. It names the page `lists`. */
  | { look: 'sitemap'; url: string; at?: string; lists?: string }
  | { look: 'backlink'; url: string; target: string; anchor: string }
  | { look: 'certificate'; host: string }
  | { look: 'record'; name: string; type: 'address' | 'TXT' | 'CNAME'; value?: string };

/** What one look has found. `unknown` is what nobody could tell, and never counts as holding. */
export const looked = z.strictObject({
  look: z.string().min(1).max(6_000),
  verdict: z.enum(['holds', 'fails', 'unknown']),
  found: z.string().max(500),
  /** What a stage may keep of it, such as the status or the `rel` of a link. */
  facts: z.record(z.string().max(40), z.union([z.string().max(2_100), z.number(), z.boolean()])).default({}),
});

export type Looked = z.infer<typeof looked>;

/** What is expected, in a sentence without its full stop. */
export function sentenceOf(look: Look): string {
  switch (look.look) {
    case 'answers':
      return `${look.url} answers 200${look.redirects === undefined ? '' : ` after ${redirectsUpTo(look.redirects)}`}`;
    case 'indexable':
      return `${look.url} may be indexed`;
    case 'canonical':
      return `${look.url} is its own canonical address`;
    case 'tag':
      return `${look.url} carries the tag ${look.tag}`;
    case 'robots':
      return `the site of ${look.url} has a robots.txt`;
    case 'sitemap':
      return `the sitemap ${look.at ?? `of ${look.url}`} ${look.lists ? `lists ${look.lists}` : 'is there'}`;
    case 'backlink':
      return `${look.url} links to ${look.target} as "${look.anchor}"`;
    case 'certificate':
      return `the certificate of ${look.host} is valid`;
    case 'record':
      return `${look.name} has ${look.type === 'address' ? 'an address' : `a ${look.type} record`}${look.value === undefined ? '' : ` "${look.value}"`}`;
  }
}

/** What was found for each look; one that not checked yet at is not known. */
export function matched(looks: readonly Look[], results: readonly Looked[]): Looked[] {
  return looks.map((look) => {
    const sentence = sentenceOf(look);
    const found = results.find((result) => result.look === sentence);
    return found ?? { look: sentence, verdict: 'unknown', found: 'not checked yet', facts: {} };
  });
}

/** What was found by one of the looks. */
export function factsOf(results: readonly Looked[], look: Look | undefined): Looked['facts'] {
  return results.find((result) => look && result.look === sentenceOf(look))?.facts ?? {};
}

/** What was expected and what was found, of those that do not hold. */
export function shortcomings(results: readonly Looked[]): string {
  return results
    .filter(({ verdict }) => verdict !== 'holds')
    .map(({ look, found }) => `Expected: ${look}. Found: ${found}.`)
    .join(' ');
}

const redirectsUpTo = (most: number): string =>
  most === 0 ? 'no redirect' : `${most} ${most === 1 ? 'redirect' : 'redirects'} at most`;
