/**
 * What a robots.txt says (RFC 9309): whether everybody's robots may read a page, and where the sitemaps are. The file is
 * a stranger's: each character is looked at a few times at most, whatever it holds.
 */

export interface Robots {
  sitemaps: string[];
  /** Whether Google's robot, or else any, may read this path. */
  allows(path: string): boolean;
  /** There was more than is read. */
  isCut: boolean;
}

interface Rule {
  allow: boolean;
  path: string;
}

/** In characters; robots themselves read 500 KiB. */
const longest = 500 * 1024;
/** More than these are not asked for. */
const mostSitemaps = 100;

export function readRobots(text: string): Robots {
  const groups: { agents: string[]; rules: Rule[] }[] = [];
  const sitemaps: string[] = [];
  for (const line of text.slice(0, longest).split(/\r\n|\r|\n/)) {
    const [key, value] = fieldOf(line);
    const last = groups.at(-1);
    switch (key) {
      case 'sitemap':
        if (value && sitemaps.length < mostSitemaps) sitemaps.push(value);
        break;
      case 'user-agent':
        if (last && last.rules.length === 0) last.agents.push(value.toLowerCase());
        else groups.push({ agents: [value.toLowerCase()], rules: [] });
        break;
      case 'allow':
      case 'disallow':
        last?.rules.push({ allow: key === 'allow', path: value });
        break;
    }
  }
  const own = groups.filter(({ agents }) => agents.includes('googlebot'));
  const chosen = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes('*'));
  const rules = chosen.flatMap((group) => group.rules).filter(({ path }) => path !== '');
  return { sitemaps, allows: (path) => isAllowed(rules, path), isCut: text.length > longest };
}

function fieldOf(line: string): [key: string, value: string] {
  const comment = line.indexOf('#');
  const said = comment < 0 ? line : line.slice(0, comment);
  const colon = said.indexOf(':');
  if (colon < 0) return ['', ''];
  return [said.slice(0, colon).trim().toLowerCase(), said.slice(colon + 1).trim()];
}

/** The longest rule that fits counts; of two as long, the one that allows. */
function isAllowed(rules: readonly Rule[], path: string): boolean {
  let best: Rule = { allow: true, path: '' };
  for (const rule of rules) {
    const isBetter = rule.path.length > best.path.length || (rule.path.length === best.path.length && rule.allow);
    if (isBetter && fits(rule.path, path)) best = rule;
  }
  return best.allow;
}

/** `*` stands for anything, and `$` for the end. Walked by hand: a pattern from outside never becomes an expression. */
function fits(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$');
  const pieces = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  const [head = '', ...others] = pieces;
  if (!path.startsWith(head)) return false;
  let at = head.length;
  for (const piece of others) {
    const next = path.indexOf(piece, at);
    if (next < 0) return false;
    at = next + piece.length;
  }
  if (!isWhole) return true;
  const tail = pieces.at(-1) ?? '';
  return pieces.length === 1 ? at === path.length : path.endsWith(tail) && path.length >= at;
}
