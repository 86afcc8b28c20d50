/**
 * What a page says of itself, read in one pass: whether it may be indexed, what its canonical address is, which tags it
 * carries and where it links to. The library reads; nothing here guesses at markup.
 */
import { parseWithin } from './parse.ts';

interface PageLink {
  href: string;
  /** Its words, or the text that stands for its picture. */
  text: string;
  rel: string;
}

export interface PageFacts {
  /** What `meta` tells robots, such as `noindex, follow`. */
  robots: string[];
  canonical: string | undefined;
  /** Where `base` says that addresses begin. */
  base: string | undefined;
  links: PageLink[];
  /** Sources and texts of scripts, and what stands in for them where none run. */
  scripts: string[];
  /** There was more than is read. */
  isCut: boolean;
}

type Attributes = Record<string, string>;

export function readPage(html: string): PageFacts {
  const facts: PageFacts = { robots: [], canonical: undefined, base: undefined, links: [], scripts: [], isCut: false };
  let link: PageLink | undefined;
  let isScript = false;
  const isWhole = parseWithin(html, {
    onopentag(name, attributes) {
      takeIn(facts, name, attributes);
      isScript = name === 'script';
      if (isScript) facts.scripts.push('');
      if (name === 'a' && attributes['href'] !== undefined) link = linkOf(attributes);
      if (name === 'img' && link) link.text += ` ${attributes['alt'] ?? ''} `;
    },
    ontext(text) {
      if (isScript) facts.scripts.push((facts.scripts.pop() ?? '') + text);
      else if (link) link.text += text;
    },
    onclosetag(name) {
      isScript = false;
      if (name !== 'a' || !link) return;
      facts.links.push({ ...link, text: wordsOf(link.text) });
      link = undefined;
    },
  });
  return { ...facts, isCut: !isWhole };
}

/** With single spaces, in small letters: a line break in a page changes no anchor. */
export const wordsOf = (text: string): string => text.trim().replace(/\s+/g, ' ').toLocaleLowerCase('en');

function takeIn(facts: PageFacts, name: string, { src, name: meta, content, rel, href }: Attributes): void {
  if (name === 'meta' && /^(robots|googlebot)$/i.test(meta ?? '')) facts.robots.push(content ?? '');
  if (name === 'link' && tokens(rel).includes('canonical')) facts.canonical ??= href;
  if (name === 'base') facts.base ??= href;
  if (['script', 'iframe', 'img'].includes(name) && src) facts.scripts.push(src);
}

const linkOf = ({ href = '', rel }: Attributes): PageLink => ({ href, text: '', rel: tokens(rel).join(' ') });

const tokens = (text = ''): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);
