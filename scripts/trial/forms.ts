/**
 * Fills in a form as a person at a browser does. The page's own controls are what is sent, in their order: empty ones
 * too, what was there before where nothing is said, line breaks as CR LF, and unticked boxes not at all.
 */
import { Parser } from 'htmlparser2';

interface Control {
  kind: 'text' | 'lines' | 'hidden' | 'box' | 'choice' | 'button';
  name: string;
  /** What is sent unless somebody changes it; of a box, what is sent when it is ticked. */
  value: string;
  ticked: boolean;
  options: string[];
}

export interface Form {
  action: string;
  controls: Control[];
}

/** The page's form that is posted, or undefined when there is nothing (more) to be answered. */
export function formIn(page: string): Form | undefined {
  let form: Form | undefined;
  let isInside = false;
  let at: Control | undefined;
  let inText = false;
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (tag === 'form' && !form && attributes['method']?.toLowerCase() === 'post') {
        form = { action: attributes['action'] ?? '', controls: [] };
        isInside = true;
      }
      if (!form || !isInside) return;
      if (tag === 'option' && at?.kind === 'choice') choose(at, attributes);
      const control = controlOf(tag, attributes);
      if (!control) return;
      form.controls.push(control);
      at = control;
      inText = tag === 'textarea';
    },
    ontext(text) {
      if (inText && at) at.value += text;
    },
    onclosetag(tag) {
      if (tag === 'form') isInside = false;
      // The line break right after the tag belongs to the markup.
      if (tag === 'textarea' && inText && at) at.value = unescaped(at.value.replace(/^\n/, ''));
      if (tag === 'textarea') inText = false;
    },
  });
  parser.end(page);
  return form;
}

function controlOf(tag: string, { name, type = '', value, checked }: Record<string, string>): Control | undefined {
  if (!name) return undefined;
  const control = { name, value: value ?? '', ticked: checked !== undefined, options: [] };
  if (tag === 'textarea') return { ...control, kind: 'lines' };
  if (tag === 'select') return { ...control, kind: 'choice' };
  if (tag === 'button') return { ...control, kind: 'button' };
  if (tag !== 'input') return undefined;
  if (type === 'checkbox' || type === 'radio') return { ...control, kind: 'box', value: value ?? 'on' };
  return { ...control, kind: type === 'hidden' ? 'hidden' : 'text' };
}

/** The first option is sent when none is selected. */
function choose(select: Control, { value = '', selected }: Record<string, string>): void {
  if (select.options.length === 0 || selected !== undefined) select.value = value;
  select.options.push(value);
}

/** What a browser would send. Throws when the page has no field for an answer: then the page is wrong. */
export function fillIn(form: Form, answers: Record<string, unknown>): [string, string][] {
  const filled = new Map(Object.entries(answers).flatMap(([key, value]) => written(key, value)));
  const names = new Set(form.controls.map(({ name }) => name));
  const homeless = [...filled.keys()].filter((name) => !names.has(name));
  if (homeless.length > 0) throw new Error(`the page has no field for ${homeless.join(', ')}.`);
  return form.controls.flatMap((control) => sent(control, filled.get(control.name)));
}

function sent({ kind, name, value, ticked }: Control, said: string | boolean | undefined): [string, string][] {
  switch (kind) {
    case 'hidden':
      return [[name, value]];
    case 'button':
      return said === value ? [[name, value]] : [];
    case 'box':
      return (said === undefined ? ticked : said === true || said === value) ? [[name, value]] : [];
    case 'choice':
    case 'text':
    case 'lines': {
      const text = said === undefined ? value : String(said);
      return [[name, text.replace(/\r\n?|\n/g, '\r\n')]];
    }
  }
}

/** Lists of words are one line each, lists of things numbered rows; money has decimals, hours are as people write them. */
function written(name: string, value: unknown): [string, string | boolean][] {
  if (value === undefined) return [];
  if (typeof value === 'boolean') return [[name, value]];
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) return [[name, value.join('\n')]];
    if (value.every(isRange)) return [[name, value.map(({ from, to }) => `${from}-${to}`).join(', ')]];
    return value.flatMap((item, index) => written(`${name}.${index}`, item));
  }
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const amount =
    'amount' in value && 'currency' in value
      ? { amount: typeof value.amount === 'string' ? value.amount : (Number(value.amount) / 100).toFixed(2) }
      : {};
  return Object.entries({ ...value, ...amount }).flatMap(([key, inner]) => written(`${name}.${key}`, inner));
}

const isRange = (item: object): item is { from: string; to: string } => Object.keys(item).join() === 'from,to';

/** The parser leaves the text of a text area as it stands in the markup. */
function unescaped(text: string): string {
  const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}
