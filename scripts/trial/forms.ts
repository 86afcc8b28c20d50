/**
 * Fills in a form as a person at a browser can: only fields that the page has, and nothing that it hides is changed.
 * Reads our own pages, whose markup is regular; it is no HTML parser.
 */
export interface Form {
  action: string;
  hidden: Map<string, string>;
  names: Set<string>;
}

const attribute = (tag: string, name: string): string | undefined =>
  unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]);

/** The page's form that is posted, or undefined when there is nothing (more) to be answered. */
export function formIn(page: string): Form | undefined {
  const [, open = '', inside = ''] = /<form\b([^>]*method="post"[^>]*)>([\s\S]*?)<\/form>/i.exec(page) ?? [];
  if (open === '') return undefined;

  const controls = [...inside.matchAll(/<(?:input|select|textarea|button)\b[^>]*>/g)].map(([tag]) => tag);
  const named = controls.filter((tag) => attribute(tag, 'name') !== undefined);
  const hidden = named.filter((tag) => attribute(tag, 'type') === 'hidden');
  const pair = (tag: string): [string, string] => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? ''];
  return {
    action: attribute(open, 'action') ?? '',
    hidden: new Map(hidden.map(pair)),
    names: new Set(named.map((tag) => attribute(tag, 'name') ?? '')),
  };
}

/** What a browser would send. Throws when the page has no field for an answer: then the page is wrong. */
export function fillIn(form: Form, answers: Record<string, unknown>): [string, string][] {
  const filled = Object.entries(answers).flatMap(([key, value]) => written(key, value));
  const homeless = filled.filter(([name]) => !form.names.has(name)).map(([name]) => name);
  if (homeless.length > 0) throw new Error(`the page has no field for ${homeless.join(', ')}.`);
  return [...form.hidden, ...filled];
}

/** Lists of words are one line each, lists of things numbered rows; money has decimals, hours are as people write them. */
function written(name: string, value: unknown): [string, string][] {
  if (value === undefined || value === false) return [];
  if (value === true) return [[name, 'yes']];
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) return [[name, value.join('\n')]];
    if (value.every(isRange)) return [[name, value.map(({ from, to }) => `${from}-${to}`).join(', ')]];
    return value.flatMap((item, index) => written(`${name}.${index}`, item));
  }
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const amount = 'amount' in value && 'currency' in value ? { amount: (Number(value.amount) / 100).toFixed(2) } : {};
  return Object.entries({ ...value, ...amount }).flatMap(([key, inner]) => written(`${name}.${key}`, inner));
}

const isRange = (item: object): item is { from: string; to: string } => Object.keys(item).join() === 'from,to';

function unescaped(text: string | undefined): string | undefined {
  const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text?.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}
