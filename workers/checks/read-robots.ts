/** What a robots.txt says (RFC 9309): whether everybody's robots may read a page, and where the sitemaps are. */

export interface Robots {
  sitemaps: string[];
  /** Whether Google's robot, or else any, may read this path. */
  allows(path: string): boolean;
}

interface Rule {
  allow: boolean;
  path: string;
}

export function readRobots(text: string): Robots {
  const groups: { agents: string[]; rules: Rule[] }[] = [];
  const sitemaps: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [key = '', ...rest] = line.replace(/#.*$/, '').split(':');
    const value = rest.join(':').trim();
    const last = groups.at(-1);
    switch (key.trim().toLowerCase()) {
      case 'sitemap':
        if (value) sitemaps.push(value);
        break;
      case 'user-agent':
        if (last && last.rules.length === 0) last.agents.push(value.toLowerCase());
        else groups.push({ agents: [value.toLowerCase()], rules: [] });
        break;
      case 'allow':
      case 'disallow':
        last?.rules.push({ allow: key.trim().toLowerCase() === 'allow', path: value });
        break;
    }
  }
  const own = groups.filter(({ agents }) => agents.includes('googlebot'));
  const chosen = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes('*'));
  const rules = chosen.flatMap((group) => group.rules).filter(({ path }) => path !== '');
  return { sitemaps, allows: (path) => isAllowed(rules, path) };
}

/** The longest rule that fits counts; of two as long, the one that allows. */
function isAllowed(rules: readonly Rule[], path: string): boolean {
  const fitting = rules.filter((rule) => fits(rule.path, path));
  const longest = Math.max(0, ...fitting.map((rule) => rule.path.length));
  const best = fitting.filter((rule) => rule.path.length === longest);
  return best.length === 0 || best.some(({ allow }) => allow);
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
