/**
 * The fields of a form, from the JSON schema of what the stage is left with. A field knows how it is shown and how its
 * text is read back; a schema we have no better idea for is a text field, and the stage's own schema judges the text.
 */
import { z } from 'zod';
import { labelOf } from '../../kernel/labels.ts';

interface Described {
  label: string;
  hint?: string | undefined;
  required: boolean;
  /** The variants that take this field, where not all of them do. */
  only?: string[];
}

export type Field = Described &
  (
    | { kind: 'text'; input: 'text' | 'email' | 'date' | 'tel' | 'url' | 'long'; max?: number | undefined }
    | { kind: 'number'; whole: boolean }
    | { kind: 'check' | 'money' }
    | { kind: 'choice'; options: string[] }
    | { kind: 'lines'; of: 'text' | 'number'; max: number }
    | { kind: 'group'; fields: Record<string, Field>; variants?: Record<string, string[]> }
    | { kind: 'rows'; row: Field; min: number; max: number }
  );

export type Group = Extract<Field, { kind: 'group' }>;

interface Node {
  type?: string;
  title?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Node;
  properties?: Record<string, Node>;
  required?: string[];
  anyOf?: Node[];
  oneOf?: Node[];
}

export function fieldsOf(schema: z.ZodType): Group {
  const node = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node;
  return groupOf(node, { label: '', required: true });
}

function fieldOf(key: string, node: Node, required: boolean): Field {
  const described = { label: node.title ?? labelOf(key), hint: node.description, required };
  const options = node.anyOf ?? node.oneOf;
  if (options) return unionOf(options, described);
  if (node.enum) return { ...described, kind: 'choice', options: node.enum.map(String) };
  switch (node.type) {
    case 'object':
      return isMoney(node) ? { ...described, kind: 'money' } : groupOf(node, described);
    case 'array':
      return listOf(key, node, described);
    case 'boolean':
      return { ...described, kind: 'check' };
    case 'integer':
    case 'number':
      return { ...described, kind: 'number', whole: node.type === 'integer' };
    default:
      return textOf(key, node, described);
  }
}

function textOf(key: string, { format, maxLength }: Node, described: Described): Field {
  const byFormat = { 'idn-email': 'email', date: 'date', uri: 'url' } as const;
  const input = byFormat[format as keyof typeof byFormat] ?? (key === 'phone' ? 'tel' : undefined);
  const long = maxLength !== undefined && maxLength >= 250 && maxLength < 2_000;
  return { ...described, kind: 'text', input: input ?? (long ? 'long' : 'text'), max: maxLength };
}

function listOf(key: string, { items = {}, minItems = 0, maxItems = 200 }: Node, described: Described): Field {
  const row = fieldOf(key, items, true);
  const required = described.required && minItems > 0;
  if (row.kind === 'group') {
    return {
      ...described,
      required,
      kind: 'rows',
      row: { ...row, label: described.label },
      min: minItems,
      max: maxItems,
    };
  }
  return { ...described, required, kind: 'lines', of: row.kind === 'number' ? 'number' : 'text', max: maxItems };
}

function groupOf({ properties = {}, required = [] }: Node, described: Described): Group {
  const fields = Object.entries(properties).map(([key, node]) => [key, fieldOf(key, node, required.includes(key))]);
  return { ...described, kind: 'group', fields: Object.fromEntries(fields) };
}

/** Objects told apart by one word become one group with that word to choose; words and text become a text field. */
function unionOf(options: Node[], described: Described): Field {
  const objects = options.filter(({ type }) => type === 'object');
  if (objects.length === options.length) return variantsOf(objects, described);
  const words = options.flatMap(({ const: word }) => (typeof word === 'string' ? [word] : []));
  if (words.length === options.length) return { ...described, kind: 'choice', options: words };
  const hint = described.hint ?? (words.length > 0 ? `Or write “${words.join('” or “')}”.` : undefined);
  return { ...described, hint, kind: 'text', input: 'text' };
}

function variantsOf(objects: Node[], described: Described): Field {
  const groups = objects.map((node) => groupOf(node, described));
  const [tag] = Object.entries(objects[0]?.properties ?? {}).find(([, node]) => node.const !== undefined) ?? [''];
  const words = objects.map(({ properties }) => String(properties?.[tag]?.const));
  const choice: Field = { label: labelOf(tag), required: described.required, kind: 'choice', options: words };
  const others = groups.flatMap(({ fields }) => Object.entries(fields).filter(([key]) => key !== tag));
  const takenBy = (key: string) => words.filter((_, at) => groups[at]?.fields[key]);
  const fields = others.map(([key, field]) => [key, { ...field, required: false, only: takenBy(key) }] as const);
  const variants = words.map((word, at) => [word, Object.keys(groups[at]?.fields ?? {})] as const);
  return {
    ...{ ...described, kind: 'group', fields: { [tag]: choice, ...Object.fromEntries(fields) } },
    variants: Object.fromEntries(variants),
  };
}

const isMoney = ({ properties }: Node): boolean =>
  Object.keys(properties ?? {})
    .sort()
    .join() === 'amount,currency';
